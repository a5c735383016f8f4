// Memory for values and stats, outside the JavaScript heap: a million znodes must not be a million Buffers.
//
// Blocks of one size class live together in pages. The first page of a class is small and the next ones grow with what the
// class has, up to 256 KB: most trees are small, and use a few blocks of each of many classes. A page whose last block is freed
// is dropped, or, if it is one of the large ones, goes back to a small pool and serves any class. So churn reuses what it
// frees, and a tree that changes its habits (small values today, large ones tomorrow) gives back what it no longer needs,
// page by page. Classes are 8 bytes apart up to 512, then eight per doubling: at most an eighth of a block is lost. Values
// too large for that get a page of their own.
//
// A block is named by its page and its position in it; a page has a number while it is in use, so that numbers suffice.
// Free blocks of a page form a list through their first four bytes.

import { assert } from "../errors.js";

/** The longest that is shared. */
export const PAGE_BYTES = 256 * 1024;
const FIRST_PAGE_BYTES = 4 * 1024;
/** Every block begins at a multiple of it. */
export const GRANULE_BYTES = 8;
const FINE_BYTES = 512;
const FINE_CLASSES = FINE_BYTES / GRANULE_BYTES;
const PAGE_MIN_BLOCKS = 8;
/** Above: a page of its own. */
const SHARED_BLOCK_MAX_BYTES = PAGE_BYTES / PAGE_MIN_BLOCKS;
const SPARSE = 0.75;
const SPARE_PAGES_MAX = 16;
const NO_BLOCK = -1;

export class Page {
  readonly bytes: Buffer;
  /** The same bytes: DataView is the fastest way to big-endian numbers. */
  readonly view: DataView;
  /** And in numbers of the machine's own, for what never leaves it. */
  readonly ints: Int32Array;
  /** Its number. */
  index = 0;
  blockBytes = 0;
  sizeClass = 0;
  usedBlocks = 0;
  /** Blocks from here to the end were never used: their memory need not even be resident. */
  fresh = 0;
  freeBlock = NO_BLOCK;
  /** In its class' list of pages with room. */
  listed = false;
  next: Page | null = null;
  previous: Page | null = null;

  constructor(bytes: number, memory?: ArrayBuffer) {
    this.bytes = memory === undefined ? Buffer.allocUnsafeSlow(bytes) : Buffer.from(memory);
    this.view = new DataView(this.bytes.buffer);
    this.ints = new Int32Array(this.bytes.buffer, 0, bytes >>> 2);
  }
}

/** Stands where there is no page. */
const NO_PAGE = new Page(0);

export class Slab {
  /** By number, from 1 on. */
  readonly #pages: Page[] = [NO_PAGE];
  readonly #freeIndexes: number[] = [];
  /** Pages with room, by class. */
  readonly #roomy: (Page | null)[] = [];
  /** How much they and the full ones come to, by class. */
  readonly #classBytes: number[] = [];
  /** Of PAGE_BYTES each. */
  readonly #spare: Page[] = [];
  #pageBytes = 0;
  #blockBytes = 0;

  /** Of PAGE_BYTES each, from elsewhere, to be used first. */
  readonly #supply: ArrayBuffer[];

  /** Where in the page that `allocate` returned the block is. */
  position = 0;

  constructor(supply: ArrayBuffer[] = []) {
    this.#supply = supply;
  }

  /** Memory taken from the system, and how much of it is in blocks that are in use. */
  usage(): { readonly pageBytes: number; readonly blockBytes: number } {
    return { pageBytes: this.#pageBytes, blockBytes: this.#blockBytes };
  }

  get pageCount(): number {
    return this.#pages.length - this.#freeIndexes.length;
  }

  /** The page with this number. */
  page(index: number): Page {
    return this.#pages[index]!;
  }

  /** How many a block of so many takes, where it shares a page. */
  static blockBytes(bytes: number): number {
    return bytes > SHARED_BLOCK_MAX_BYTES ? 0 : bytesOf(classOf(bytes));
  }

  /** True when a block for the one size would also do for the other. */
  static sameBlock(bytes: number, otherBytes: number): boolean {
    if (bytes > SHARED_BLOCK_MAX_BYTES || otherBytes > SHARED_BLOCK_MAX_BYTES) {
      return bytes === otherBytes;
    }
    return classOf(bytes) === classOf(otherBytes);
  }

  /** Returns the page; `position` tells where in it. The block is not cleared. */
  allocate(bytes: number): Page {
    if (bytes > SHARED_BLOCK_MAX_BYTES) return this.#allocateAlone(bytes);
    const sizeClass = classOf(bytes);
    const page = this.#roomy[sizeClass] ?? this.#addPage(sizeClass);
    if (page.freeBlock !== NO_BLOCK) {
      this.position = page.freeBlock;
      page.freeBlock = page.view.getInt32(page.freeBlock);
    } else {
      this.position = page.fresh;
      page.fresh += page.blockBytes;
    }
    page.usedBlocks++;
    this.#blockBytes += page.blockBytes;
    if (page.freeBlock === NO_BLOCK && page.fresh + page.blockBytes > page.bytes.length) {
      this.#unlist(page);
    }
    return page;
  }

  free(page: Page, position: number): void {
    assert(page.usedBlocks > 0, "Cannot free a block of an empty page");
    page.usedBlocks--;
    this.#blockBytes -= page.blockBytes;
    if (page.sizeClass < 0) {
      this.#drop(page);
      return;
    }
    page.view.setInt32(position, page.freeBlock);
    page.freeBlock = position;
    if (!page.listed) this.#list(page);
    else if (page.usedBlocks === 0 && (page.next !== null || page.previous !== null)) {
      // Not the class' only page with room: that one stays, or a lone znode's updates would fetch and drop pages for ever.
      this.#unlist(page);
      this.#classBytes[page.sizeClass]! -= page.bytes.length;
      const isLarge = page.bytes.length === PAGE_BYTES;
      if (isLarge && this.#spare.length < SPARE_PAGES_MAX) this.#spare.push(page);
      else this.#drop(page);
    }
  }

  /** Mostly empty, and not the page from which the next block of its class comes: worth leaving. */
  isSparse(page: Page): boolean {
    return (
      page.listed &&
      page !== this.#roomy[page.sizeClass] &&
      page.usedBlocks * page.blockBytes < page.bytes.length * SPARSE
    );
  }

  #allocateAlone(bytes: number): Page {
    const page = new Page(bytes);
    page.blockBytes = bytes;
    page.sizeClass = -1;
    page.usedBlocks = 1;
    this.#number(page);
    this.#blockBytes += bytes;
    this.position = 0;
    return page;
  }

  #addPage(sizeClass: number): Page {
    const blockBytes = bytesOf(sizeClass);
    const classBytes = this.#classBytes[sizeClass] ?? 0;
    let page = this.#spare.pop();
    if (page === undefined) {
      const least = Math.max(FIRST_PAGE_BYTES, blockBytes * PAGE_MIN_BLOCKS);
      const bytes = Math.min(PAGE_BYTES, Math.max(least, classBytes));
      page = new Page(bytes, bytes === PAGE_BYTES ? this.#supply.pop() : undefined);
      this.#number(page);
    }
    this.#classBytes[sizeClass] = classBytes + page.bytes.length;
    page.sizeClass = sizeClass;
    page.blockBytes = blockBytes;
    page.usedBlocks = 0;
    page.fresh = 0;
    page.freeBlock = NO_BLOCK;
    this.#list(page);
    return page;
  }

  #number(page: Page): void {
    page.index = this.#freeIndexes.pop() ?? this.#pages.length;
    this.#pages[page.index] = page;
    this.#pageBytes += page.bytes.length;
  }

  #drop(page: Page): void {
    this.#pages[page.index] = NO_PAGE;
    this.#freeIndexes.push(page.index);
    this.#pageBytes -= page.bytes.length;
  }

  #list(page: Page): void {
    const head = this.#roomy[page.sizeClass] ?? null;
    page.previous = null;
    page.next = head;
    if (head !== null) head.previous = page;
    this.#roomy[page.sizeClass] = page;
    page.listed = true;
  }

  #unlist(page: Page): void {
    if (page.previous !== null) page.previous.next = page.next;
    else this.#roomy[page.sizeClass] = page.next;
    if (page.next !== null) page.next.previous = page.previous;
    page.previous = null;
    page.next = null;
    page.listed = false;
  }
}

/** 1 … 64 for up to 512 bytes, then eight for each doubling. */
function classOf(bytes: number): number {
  if (bytes <= FINE_BYTES) return (bytes + GRANULE_BYTES - 1) >>> 3;
  const last = bytes - 1;
  const doubling = 31 - Math.clz32(last);
  return FINE_CLASSES + 1 + (doubling - 9) * 8 + ((last >>> (doubling - 3)) - 8);
}

function bytesOf(sizeClass: number): number {
  if (sizeClass <= FINE_CLASSES) return sizeClass * GRANULE_BYTES;
  const coarse = sizeClass - FINE_CLASSES - 1;
  const doubling = 9 + (coarse >>> 3);
  return ((coarse & 7) + 9) << (doubling - 3);
}
