// Memory for things of one size, some dozens to an ArrayBuffer: one for each would cost more than all that is in it.

/** So many lie in one ArrayBuffer. */
const COUNT = 128;

export class Pieces {
  readonly #bytes: number;
  /** The ArrayBuffer that pieces are taken from, and where in it the last one that was taken begins. */
  view = new DataView(new ArrayBuffer(0));
  start = 0;

  /** `bytes`: how large each is. */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** The next piece, all 0: `view`, from `start` on. */
  take(): void {
    this.start += this.#bytes;
    if (this.start < this.view.byteLength) return;
    this.view = new DataView(new ArrayBuffer(COUNT * this.#bytes));
    this.start = 0;
  }
}
