/** What the assistant is told when the visitor says no; its card knows it again, after a reload too. */
export const TOOL_DENIED = 'The visitor did not allow this.'
