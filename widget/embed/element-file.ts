/** The element's file, beside the loader's own; the build puts the name in that changes with it. */
export const ELEMENT_FILE = 'samosa-chat.js'
