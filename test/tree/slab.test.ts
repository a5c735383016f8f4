import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Page, Slab } from "../../src/tree/slab.js";

interface Block {
  page: Page;
  position: number;
  bytes: number;
  fill: number;
}

function allocate(slab: Slab, bytes: number, fill: number): Block {
  const page = slab.allocate(bytes);
  const { position } = slab;
  page.bytes.fill(fill, position, position + bytes);
  return { page, position, bytes, fill };
}

function intact({ page, position, bytes, fill }: Block): boolean {
  return page.bytes.subarray(position, position + bytes).every((byte) => byte === fill);
}

test("blocks of the slab never overlap, and freeing all of them leaves none in use", () => {
  const size = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 4, max: 600 }) },
    { weight: 1, arbitrary: fc.integer({ min: 4, max: 70_000 }) },
  );
  const steps = fc.array(fc.record({ size, free: fc.nat() }), {
    minLength: 50,
    maxLength: 300,
    size: "max",
  });
  fc.assert(
    fc.property(steps, (all) => {
      const slab = new Slab();
      const blocks: Block[] = [];
      for (const [i, { size: bytes, free }] of all.entries()) {
        if (free % 3 === 0 && blocks.length > 0) {
          const [block] = blocks.splice(free % blocks.length, 1) as [Block];
          assert.ok(intact(block));
          slab.free(block.page, block.position);
        } else blocks.push(allocate(slab, bytes, i & 0xff));
      }
      const wanted = blocks.reduce((sum, { bytes }) => sum + bytes, 0);
      const { blockBytes } = slab.usage();
      assert.ok(blockBytes >= wanted && blockBytes <= wanted * 1.125 + 8 * blocks.length);
      for (const block of blocks) {
        assert.ok(intact(block));
        slab.free(block.page, block.position);
      }
      assert.equal(slab.usage().blockBytes, 0);
    }),
    { numRuns: 50 },
  );
});

test("churn of the slab does not take more memory from round to round", () => {
  const slab = new Slab();
  let blocks: Block[] = [];
  for (let i = 0; i < 10_000; i++) blocks.push(allocate(slab, 100 + (i % 50), 1));
  const before = slab.usage().pageBytes;
  for (let round = 0; round < 5; round++) {
    for (const block of blocks) slab.free(block.page, block.position);
    blocks = [];
    // Other sizes each time: pages must go from class to class.
    for (let i = 0; i < 10_000; i++) blocks.push(allocate(slab, 100 - round * 10 + (i % 50), 1));
  }
  // What 16 spare pages and one page for each class in use come to.
  assert.ok(slab.usage().pageBytes <= before + 24 * 256 * 1024);
});

test("a page of the slab that is mostly empty is worth leaving, the one that is being filled is not", () => {
  const slab = new Slab();
  const blocks = Array.from({ length: 10_000 }, () => allocate(slab, 96, 1));
  const middle = blocks[5000] as Block;
  const first = blocks[0] as Block;
  assert.equal(slab.isSparse(first.page), false);
  for (const block of blocks.slice(1))
    if (block.page === first.page) slab.free(block.page, block.position);
  // It is now the first page with room, from which the next block comes.
  assert.equal(slab.isSparse(first.page), false);
  slab.free(middle.page, middle.position);
  assert.equal(slab.isSparse(first.page), true);
});

test("the slab knows when a block will do for another size", () => {
  assert.equal(Slab.sameBlock(97, 104), true);
  assert.equal(Slab.sameBlock(96, 97), false);
  assert.equal(Slab.sameBlock(513, 576), true);
  assert.equal(Slab.sameBlock(576, 577), false);
  assert.equal(Slab.sameBlock(40_000, 40_000), true);
  assert.equal(Slab.sameBlock(40_000, 40_001), false);
});

test("a slab of a few blocks of many sizes takes little memory, and a large one whole pages", () => {
  const slab = new Slab();
  for (let bytes = 64; bytes <= 128; bytes += 8) allocate(slab, bytes, 1);
  assert.equal(slab.usage().pageBytes, 9 * 4 * 1024);
  const pages = new Set<Page>();
  while (slab.usage().blockBytes < 4 * 1024 * 1024) pages.add(allocate(slab, 96, 1).page);
  const large = [...pages].filter((page) => page.bytes.length === 256 * 1024);
  assert.ok(large.length >= pages.size - 7, `${large.length} of ${pages.size} are large`);
});
