// A DataView of the page that is being read, for those who are given one record of a page after the other.

const NOTHING = Buffer.alloc(0);

export class PageView {
  #page: Buffer = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer, NOTHING.byteOffset, 0);

  /** Of the page's bytes: the last page's again where it is the same. */
  of(page: Buffer): DataView {
    if (page !== this.#page) {
      this.#page = page;
      this.#view = new DataView(page.buffer, page.byteOffset, page.length);
    }
    return this.#view;
  }

  /** Nobody may come back to the last page. */
  forget(): void {
    this.of(NOTHING);
  }
}
