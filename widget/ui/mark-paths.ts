/** Our mark, a samosa that speaks, in a 32 × 32 box: its body, filled. */
export const MARK_BODY =
  'M13.3 5.6a3.1 3.1 0 0 1 5.4 0l9.3 16a3.1 3.1 0 0 1-2.7 4.7H15l-4.6 3.6a.8.8 0 0 1-1.3-.6v-3H6.7a3.1 3.1 0 0 1-2.7-4.7z'
/** The seam of its crust, drawn over the body as a line. */
export const MARK_SEAM = 'M10.8 19.6c3.2 2.3 7.2 2.3 10.4 0'
/** The same seam as a shape: the outline of that line, 2.2 wide with round ends. */
export const MARK_SEAM_OUTLINE = 'M10 20.1q6 4.6 12 0l-1.3-1.5q-4.7 3-9.4 0z'
