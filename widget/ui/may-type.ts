/** Whether a text field may be given the focus unasked: not where a keyboard on the screen would come up with it. */
export const mayType = () => !matchMedia('(pointer: coarse)').matches
