// Where the pages come from that a file is read into, and who has them when the reader goes on: for whoever keeps them.

export interface Pages {
  /** With room for so many bytes. */
  next(leastBytes: number): Buffer;
  /** All items in it are whole and have been told, or have not been begun. */
  left(page: Buffer): void;
}
