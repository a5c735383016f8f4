// A few bytes that are likely to come again: whether they are there is found four at a time.

const FIRST_BYTES = 256;

export class KnownBytes {
  length = 0;
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);

  /** Copies bytes[start, end), for as long as no others are kept. */
  keep(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > this.#bytes.length) {
      this.#bytes = new Uint8Array(2 * length);
      this.#view = new DataView(this.#bytes.buffer);
    }
    for (let i = 0; i < length; i++) this.#bytes[i] = bytes[start + i]!;
    this.length = length;
  }

  /** Whether they stand there. */
  areIn(bytes: Uint8Array, start: number): boolean {
    const known = this.#bytes;
    for (let i = 0; i < this.length; i++) if (bytes[start + i] !== known[i]) return false;
    return true;
  }

  /** The same of what somebody has a view of. */
  areAt(view: DataView, start: number): boolean {
    const { length } = this;
    const known = this.#view;
    if (start + length > view.byteLength) return false;
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      if (known.getInt32(i) !== view.getInt32(start + i)) return false;
    }
    for (; i < length; i++) if (known.getInt8(i) !== view.getInt8(start + i)) return false;
    return true;
  }
}
