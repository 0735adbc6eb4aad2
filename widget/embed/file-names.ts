/** The loader's second part, beside its own file. Here and below, the build puts in what the file is called then. */
export const LATE_FILE = 'late.ts'
/** The element's file. */
export const ELEMENT_FILE = 'samosa-chat.js'
