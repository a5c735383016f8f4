// Files that are being written, on every platform.

import assert from "node:assert/strict";
import { ALIGNED_BYTES, type CacheUse } from "../../src/platform/cache-use.js";
import type { DiskError, WritableFile } from "../../src/platform/platform.js";
import type { Contract, Subject } from "./contract.js";

const NAME = "written";

/** Opens a new file, makes calls on it, closes it and waits for that: gives what is in it then. */
async function written(subject: Subject, calls: (file: WritableFile) => void): Promise<Buffer> {
  const { disk } = subject.platform;
  const path = `${subject.directory}/${NAME}`;
  const file = await subject.wait(disk.openForWriting(path, "create"));
  assert.equal(file.path, path);
  const closed = new Promise<void>((resolve, reject) => {
    calls(file);
    file.close((error) => (error ? reject(error) : resolve()));
  });
  await subject.wait(closed);
  return disk.readFile(path);
}

function fine(error: DiskError | undefined): void {
  assert.equal(error, undefined);
}

export const fileContract: Contract = {
  async "write() puts bytes where they belong, and a gap reads as zeros"(subject) {
    const content = await written(subject, (file) => {
      file.write(5, Buffer.from("world"), fine);
      file.write(0, Buffer.from("he"), fine);
    });
    assert.deepEqual(content, Buffer.from("he\0\0\0world"));
  },

  async "write() of the same place twice leaves what was written last"(subject) {
    const content = await written(subject, (file) => {
      file.write(0, Buffer.from("aaaa"), fine);
      file.write(1, Buffer.from("bb"), fine);
      file.write(2, Buffer.from("c"), fine);
    });
    assert.equal(content.toString(), "abca");
  },

  async "calls on a file answer once, in their order, and never before they have returned"(
    subject,
  ) {
    const answers: string[] = [];
    await written(subject, (file) => {
      const answer = (name: string) => (error?: DiskError) => {
        fine(error);
        answers.push(name);
      };
      file.write(0, Buffer.from("one"), answer("write 1"));
      file.write(3, Buffer.from("two"), answer("write 2"));
      file.sync(answer("sync 1"));
      file.truncate(10, answer("truncate"));
      file.write(6, new Uint8Array(0), answer("write nothing"));
      file.sync(answer("sync 2"));
      assert.deepEqual(answers, []);
    });
    const expected = ["write 1", "write 2", "sync 1", "truncate", "write nothing", "sync 2"];
    assert.deepEqual(answers, expected);
  },

  async "a call made in the answer to another follows those already made"(subject) {
    const order: string[] = [];
    const { disk } = subject.platform;
    const path = `${subject.directory}/${NAME}`;
    const file = await subject.wait(disk.openForWriting(path, "create"));
    await subject.wait(
      new Promise<void>((resolve) => {
        file.write(0, Buffer.from("1"), () => {
          order.push("first");
          file.write(0, Buffer.from("3"), () => {
            order.push("third");
            file.close(() => resolve());
          });
        });
        file.sync(() => order.push("second"));
      }),
    );
    assert.deepEqual(order, ["first", "second", "third"]);
    assert.equal(disk.readFile(path).toString(), "3");
  },

  async "syncs and what lies between them, in any order, leave the same bytes"(subject) {
    const pieces = 40;
    const answers: string[] = [];
    const content = await written(subject, (file) => {
      const answer = (name: string) => (error?: DiskError) => {
        fine(error);
        answers.push(name);
      };
      // In step with the answers, as a log does it, so that every sync finds what was before it durable.
      const step = (i: number): void => {
        file.write(i * 8, Buffer.from(`head ${i % 10}`), answer("head"));
        if (i % 3 === 0) file.write(i * 8 + 6, Buffer.from("--"), answer("tail"));
        if (i % 5 === 0) file.truncate(i * 8 + 8, answer("truncate"));
        if (i % 7 === 0) file.sync(answer("early sync"));
        if (i % 4 === 0) file.write(i * 8, Buffer.from("HEAD"), answer("again"));
      };
      for (let i = 0; i < pieces; i++) {
        step(i);
        file.sync(answer("sync"));
      }
    });
    assert.equal(answers.filter((name) => name === "sync").length, pieces);
    const expected = Buffer.alloc(content.length);
    for (let i = 0; i < pieces; i++) {
      expected.write(`head ${i % 10}`, i * 8);
      if (i % 3 === 0) expected.write("--", i * 8 + 6);
      if (i % 4 === 0) expected.write("HEAD", i * 8);
    }
    assert.deepEqual(content, expected);
  },

  async "a write and a sync after a sync are there under the file's new name"(subject) {
    const { disk } = subject.platform;
    const [path, renamed] = [`${subject.directory}/${NAME}`, `${subject.directory}/renamed`];
    const file = await subject.wait(disk.openForWriting(path, "create"));
    const put = (at: number, text: string): Promise<void> =>
      subject.wait(
        new Promise<void>((resolve) => {
          file.write(at, Buffer.from(text), fine);
          file.sync((error) => {
            fine(error);
            resolve();
          });
        }),
      );
    await put(0, "one");
    await subject.wait(disk.rename(path, renamed));
    await put(3, "two");
    await put(6, "three");
    await subject.wait(new Promise<void>((resolve) => file.close(() => resolve())));
    assert.equal(disk.readFile(renamed).toString(), "onetwothree");
  },

  async "truncate() cuts, and extends with zeros"(subject) {
    const content = await written(subject, (file) => {
      file.write(0, Buffer.from("abcdef"), fine);
      file.truncate(3, fine);
      file.truncate(6, fine);
    });
    assert.deepEqual(content, Buffer.from("abc\0\0\0"));
  },

  async "truncate() to a large size does not need that much room"(subject) {
    const { disk } = subject.platform;
    const path = `${subject.directory}/${NAME}`;
    const file = await subject.wait(disk.openForWriting(path, "create"));
    await subject.wait(
      new Promise<void>((resolve) => {
        file.truncate(2 ** 32, fine);
        file.close(() => resolve());
      }),
    );
    assert.equal(disk.stat(path)?.sizeBytes, 2 ** 32);
    const reading = disk.openForReading(path);
    const tail = Buffer.alloc(8, 1);
    assert.equal(reading.read(2 ** 32 - 4, tail), 4);
    assert.deepEqual(tail.subarray(0, 4), Buffer.alloc(4));
    reading.close();
  },

  async "thousands of small writes in one turn arrive in their places"(subject) {
    const pieces = 3000;
    let answers = 0;
    const content = await written(subject, (file) => {
      for (let i = 0; i < pieces; i++) {
        const piece = Buffer.alloc(4);
        piece.writeUInt32BE(i);
        file.write(i * 4, piece, () => {
          answers += 1;
        });
      }
    });
    assert.equal(answers, pieces);
    assert.equal(content.length, pieces * 4);
    for (let i = 0; i < pieces; i++) assert.equal(content.readUInt32BE(i * 4), i);
  },

  async "a write of some megabytes arrives whole"(subject) {
    const bytes = Buffer.alloc(3_000_001);
    for (let i = 0; i + 4 <= bytes.length; i += 4) bytes.writeUInt32BE(i, i);
    const content = await written(subject, (file) => file.write(0, bytes, fine));
    assert.ok(content.equals(bytes));
  },

  async "two files do not wait for each other's order"(subject) {
    const { disk } = subject.platform;
    const paths = [`${subject.directory}/a`, `${subject.directory}/b`];
    const files = await subject.wait(
      Promise.all(paths.map((path) => disk.openForWriting(path, "create"))),
    );
    const closed = files.map(
      (file, at) =>
        new Promise<void>((resolve) => {
          file.write(0, Buffer.from(String(at)), fine);
          file.sync(fine);
          file.close(() => resolve());
        }),
    );
    await subject.wait(Promise.all(closed));
    assert.deepEqual(
      paths.map((path) => disk.readFile(path).toString()),
      ["0", "1"],
    );
  },

  async "a closed file refuses further calls"(subject) {
    let closed: WritableFile | undefined;
    await written(subject, (file) => {
      closed = file;
    });
    assert.throws(() => closed?.sync(fine), /it has been closed/);
    assert.throws(() => closed?.write(0, Buffer.from("x"), fine), /it has been closed/);
  },

  async "writes that avoid the cache, between others that do not, leave what was written, wherever it was and lay"(
    subject,
  ) {
    const { disk } = subject.platform;
    const path = `${subject.directory}/${NAME}`;
    const file = await subject.wait(disk.openForWriting(path, "create"));
    const aligned = disk.alignedBuffer(3 * ALIGNED_BYTES);
    const expected = Buffer.alloc(6 * ALIGNED_BYTES + 5);
    const put = (position: number, bytes: Buffer, cache: CacheUse = "avoided") =>
      subject.wait(
        new Promise<void>((resolve, reject) => {
          bytes.copy(expected, position);
          file.write(position, bytes, fine, cache);
          file.sync((error) => (error ? reject(error) : resolve()));
        }),
      );
    // The first sync of a file is a call of its own.
    await put(0, aligned.fill("a", 0, ALIGNED_BYTES).subarray(0, ALIGNED_BYTES));
    await put(ALIGNED_BYTES, aligned.fill("b"));
    await put(4 * ALIGNED_BYTES, aligned.fill("c").subarray(0, 7));
    await put(10, Buffer.from("not aligned"));
    await put(ALIGNED_BYTES + 10, Buffer.from("through the cache"), "wanted");
    await put(ALIGNED_BYTES, aligned.fill("B", 27).subarray(0, 2 * ALIGNED_BYTES));
    await put(2 * ALIGNED_BYTES - 5, Buffer.from("and again"), "wanted");
    await put(4 * ALIGNED_BYTES, aligned.fill("d").subarray(0, ALIGNED_BYTES));
    // What the system refuses as well: pages of memory that begins anywhere.
    const anywhere = Buffer.alloc(ALIGNED_BYTES + 1, "e").subarray(1);
    await put(5 * ALIGNED_BYTES, anywhere);
    await put(6 * ALIGNED_BYTES, Buffer.from("the end").subarray(0, 5));
    await put(3 * ALIGNED_BYTES, aligned.fill("f").subarray(0, ALIGNED_BYTES));
    await subject.wait(new Promise<void>((resolve) => file.close(() => resolve())));
    assert.deepEqual(disk.readFile(path), expected);
  },

  async "openForWriting() of an existing file keeps what it holds"(subject) {
    const { disk } = subject.platform;
    await written(subject, (file) => file.write(0, Buffer.from("kept"), fine));
    const path = `${subject.directory}/${NAME}`;
    const again = await subject.wait(disk.openForWriting(path, "open"));
    await subject.wait(
      new Promise<void>((resolve) => {
        again.write(4, Buffer.from(" and more"), fine);
        again.close(() => resolve());
      }),
    );
    assert.equal(disk.readFile(path).toString(), "kept and more");
  },
};
