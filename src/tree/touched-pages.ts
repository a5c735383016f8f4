// Pages of slabs for nodes that are about to come, given by the system already: the first touch is half of what it costs to fill
// memory, and another thread can do it.

import { PAGE_BYTES } from "./slab.js";

const SYSTEM_PAGE_BYTES = 4096;

export class TouchedPages {
  /** What nodes need whose pages have not been made yet. */
  #bytes = 0;

  /** A block of so many bytes will be wanted. */
  want(blockBytes: number): void {
    this.#bytes += blockBytes;
  }

  /** As many as what was wanted fills. */
  take(): ArrayBuffer[] {
    const pages: ArrayBuffer[] = [];
    for (; this.#bytes >= PAGE_BYTES; this.#bytes -= PAGE_BYTES) pages.push(touched());
    return pages;
  }
}

function touched(): ArrayBuffer {
  const page = new ArrayBuffer(PAGE_BYTES);
  const bytes = new Uint8Array(page);
  for (let at = 0; at < PAGE_BYTES; at += SYSTEM_PAGE_BYTES) bytes[at] = 0;
  return page;
}
