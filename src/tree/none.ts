/** The number of no node. */
export const NONE = 0;
