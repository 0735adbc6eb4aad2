/**
 * What the loader looks for: in the tab's storage that the panel is open, in the browser's that answers are
 * at work or unread (`visit.ts`).
 */
export const PENDING = 'samosa-chat:pending'
