// The content of a simulated file: pages, of which those never written take no room. A preallocated transaction log of
// 64 MB costs what was written of it.

const PAGE_BYTES = 4096;

export class PagedBytes {
  #size = 0;
  readonly #pages = new Map<number, Uint8Array>();
  /** What `text` gave last, until something changes. */
  #text: string | undefined;

  get sizeBytes(): number {
    return this.#size;
  }

  /** What it takes of the disk. */
  get allocatedBytes(): number {
    return this.#pages.size * PAGE_BYTES;
  }

  /** All of it; asking again costs nothing while nothing has changed. */
  get text(): string {
    this.#text ??= this.toBuffer().toString("latin1");
    return this.#text;
  }

  write(position: number, bytes: Uint8Array): void {
    this.#text = undefined;
    let done = 0;
    while (done < bytes.length) {
      const at = position + done;
      const offset = at % PAGE_BYTES;
      const length = Math.min(PAGE_BYTES - offset, bytes.length - done);
      this.#page(Math.floor(at / PAGE_BYTES)).set(bytes.subarray(done, done + length), offset);
      done += length;
    }
    this.#size = Math.max(this.#size, position + bytes.length);
  }

  /** Zeros where nothing was ever written take no room. */
  writeZeros(position: number, length: number): void {
    this.#text = undefined;
    for (let done = 0; done < length; ) {
      const at = position + done;
      const offset = at % PAGE_BYTES;
      const count = Math.min(PAGE_BYTES - offset, length - done);
      this.#pages.get(Math.floor(at / PAGE_BYTES))?.fill(0, offset, offset + count);
      done += count;
    }
    this.#size = Math.max(this.#size, position + length);
  }

  /** How many bytes there were: fewer than asked at the end. */
  read(position: number, target: Uint8Array): number {
    const wanted = Math.max(0, Math.min(target.length, this.#size - position));
    let done = 0;
    while (done < wanted) {
      const at = position + done;
      const offset = at % PAGE_BYTES;
      const length = Math.min(PAGE_BYTES - offset, wanted - done);
      const page = this.#pages.get(Math.floor(at / PAGE_BYTES));
      if (page === undefined) target.fill(0, done, done + length);
      else target.set(page.subarray(offset, offset + length), done);
      done += length;
    }
    return wanted;
  }

  truncate(sizeBytes: number): void {
    this.#text = undefined;
    if (sizeBytes < this.#size) {
      const last = Math.floor(sizeBytes / PAGE_BYTES);
      for (const index of [...this.#pages.keys()]) {
        if (index > last || (index === last && sizeBytes % PAGE_BYTES === 0)) {
          this.#pages.delete(index);
        }
      }
      this.#pages.get(last)?.fill(0, sizeBytes % PAGE_BYTES);
    }
    this.#size = sizeBytes;
  }

  clone(): PagedBytes {
    const copy = new PagedBytes();
    copy.#size = this.#size;
    for (const [index, page] of this.#pages) copy.#pages.set(index, page.slice());
    return copy;
  }

  toBuffer(): Buffer {
    const bytes = Buffer.alloc(this.#size);
    this.read(0, bytes);
    return bytes;
  }

  #page(index: number): Uint8Array {
    let page = this.#pages.get(index);
    if (page === undefined) {
      page = new Uint8Array(PAGE_BYTES);
      this.#pages.set(index, page);
    }
    return page;
  }
}
