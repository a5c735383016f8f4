// Names and directories on every platform.

import assert from "node:assert/strict";
import { DiskError } from "../../src/platform/platform.js";
import type { Contract, Subject } from "./contract.js";

export function diskFailure(code: string, path: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof DiskError, `a DiskError, not ${String(error)}`);
    assert.equal(error.code, code);
    assert.equal(error.path, path);
    assert.match(error.message, new RegExp(`^Cannot [a-z ]+ ".*": .*\\(${code}\\)$`));
    return true;
  };
}

export async function putFile(
  subject: Subject,
  path: string,
  content: string | Buffer,
): Promise<void> {
  const file = await subject.wait(subject.platform.disk.openForWriting(path, "create"));
  await subject.wait(
    new Promise<void>((resolve, reject) => {
      file.write(0, Buffer.from(content), (error) => error && reject(error));
      file.close((error) => (error ? reject(error) : resolve()));
    }),
  );
}

export const diskContract: Contract = {
  async "a missing file has no stat, and reading it fails with ENOENT"({ platform, directory }) {
    const path = `${directory}/missing`;
    assert.equal(platform.disk.stat(path), undefined);
    assert.throws(() => platform.disk.readFile(path), diskFailure("ENOENT", path));
    assert.throws(() => platform.disk.openForReading(path), diskFailure("ENOENT", path));
    assert.throws(() => platform.disk.readDirectory(path), diskFailure("ENOENT", path));
  },

  async "readFile() and stat() tell what was written"(subject) {
    const { disk } = subject.platform;
    const path = `${subject.directory}/file`;
    await putFile(subject, path, "hello");
    assert.equal(disk.readFile(path).toString(), "hello");
    const stat = disk.stat(path);
    assert.equal(stat?.kind, "file");
    assert.equal(stat.sizeBytes, 5);
    assert.ok(Number.isSafeInteger(stat.modifiedMs));
    assert.equal(disk.stat(subject.directory)?.kind, "directory");
  },

  async "readDirectory() lists names in the order of their code units"(subject) {
    const names = ["b", "a", "B", "10", "9", "_", "é", "z"];
    for (const name of names) await putFile(subject, `${subject.directory}/${name}`, "");
    assert.deepEqual(subject.platform.disk.readDirectory(subject.directory), [...names].sort());
  },

  async "makeDirectories() makes what is missing, and is content with what is there"(subject) {
    const { disk } = subject.platform;
    const path = `${subject.directory}/one/two/three`;
    await subject.wait(disk.makeDirectories(path));
    await subject.wait(disk.makeDirectories(path));
    assert.deepEqual(disk.readDirectory(`${subject.directory}/one`), ["two"]);
    await putFile(subject, `${path}/file`, "x");
  },

  async "openForWriting() to create refuses a file that exists"(subject) {
    const path = `${subject.directory}/file`;
    await putFile(subject, path, "first");
    const again = subject.platform.disk.openForWriting(path, "create");
    await assert.rejects(subject.wait(again), diskFailure("EEXIST", path));
    assert.equal(subject.platform.disk.readFile(path).toString(), "first");
  },

  async "openForWriting() refuses to open a missing file and to create one in a missing directory"(
    subject,
  ) {
    const { disk } = subject.platform;
    const missing = `${subject.directory}/missing`;
    const opened = disk.openForWriting(missing, "open");
    await assert.rejects(subject.wait(opened), diskFailure("ENOENT", missing));
    const nested = `${missing}/file`;
    const created = disk.openForWriting(nested, "create");
    await assert.rejects(subject.wait(created), diskFailure("ENOENT", nested));
  },

  async "rename() replaces its target"(subject) {
    const { disk } = subject.platform;
    const [from, to] = [`${subject.directory}/from`, `${subject.directory}/to`];
    await putFile(subject, from, "new");
    await putFile(subject, to, "old");
    await subject.wait(disk.rename(from, to));
    assert.equal(disk.stat(from), undefined);
    assert.equal(disk.readFile(to).toString(), "new");
    await subject.wait(disk.syncDirectory(subject.directory));
    const missing = disk.rename(from, to);
    await assert.rejects(subject.wait(missing), diskFailure("ENOENT", from));
  },

  async "rename() moves a file that is being written along"(subject) {
    const { disk } = subject.platform;
    const [from, to] = [`${subject.directory}/from`, `${subject.directory}/to`];
    const file = await subject.wait(disk.openForWriting(from, "create"));
    await subject.wait(disk.rename(from, to));
    await subject.wait(
      new Promise<void>((resolve) => {
        file.write(0, Buffer.from("late"), (error) => assert.equal(error, undefined));
        file.close(() => resolve());
      }),
    );
    assert.equal(disk.readFile(to).toString(), "late");
  },

  async "remove() removes a file and an empty directory, and nothing else"(subject) {
    const { disk } = subject.platform;
    const folder = `${subject.directory}/folder`;
    await subject.wait(disk.makeDirectories(folder));
    await putFile(subject, `${folder}/file`, "x");
    await assert.rejects(subject.wait(disk.remove(folder)), diskFailure("ENOTEMPTY", folder));
    await subject.wait(disk.remove(`${folder}/file`));
    await subject.wait(disk.remove(folder));
    assert.equal(disk.stat(folder), undefined);
    await assert.rejects(subject.wait(disk.remove(folder)), diskFailure("ENOENT", folder));
  },

  async "syncDirectory() of a missing directory fails with ENOENT"(subject) {
    const path = `${subject.directory}/missing`;
    const synced = subject.platform.disk.syncDirectory(path);
    await assert.rejects(subject.wait(synced), diskFailure("ENOENT", path));
  },

  async "openForReading() reads at any position, and less only at the end"(subject) {
    const { disk } = subject.platform;
    const path = `${subject.directory}/file`;
    await putFile(subject, path, "0123456789");
    const file = disk.openForReading(path);
    assert.equal(file.sizeBytes, 10);
    const target = Buffer.alloc(4);
    assert.equal(file.read(3, target), 4);
    assert.equal(target.toString(), "3456");
    assert.equal(file.read(8, target), 2);
    assert.equal(target.toString(), "8956");
    assert.equal(file.read(10, target), 0);
    assert.equal(file.read(0, new Uint8Array(0)), 0);
    file.close();
    file.close();
  },

  async "a large file that avoids the cache reads as any other, wherever it is read, and whoever waits for what comes next"(
    subject,
  ) {
    const { disk } = subject.platform;
    const bytes = Buffer.allocUnsafe(2_500_003);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 2_654_435_761) >>> 24;
    const path = `${subject.directory}/large`;
    await putFile(subject, path, bytes);
    const file = disk.openForReading(path, "avoided");
    assert.equal(file.sizeBytes, bytes.length);
    const { length } = bytes;
    for (const [at, count] of [
      [0, 10],
      [10, 300_000],
      [300_010, 600_000],
      [900_010, 300_000],
      [300_010, 1_900_000],
      [2_200_010, 299_993],
      [length, 5],
      [4096, 4096],
      [1_048_575, 2],
      [length - 3, 100],
      [length + 9000, 1],
      [0, length + 1],
    ] as const) {
      const target = Buffer.alloc(count, 0xee);
      const got = file.read(at, target);
      assert.equal(got, Math.max(0, Math.min(count, length - at)), `${count} from ${at}`);
      assert.ok(target.subarray(0, got).equals(bytes.subarray(at, at + got)), `${count} at ${at}`);
      assert.ok(target.subarray(got).every((byte) => byte === 0xee));
      const ahead = file.ahead();
      if (count > 2 && ahead !== undefined) await subject.wait(ahead);
    }
    file.close();
    file.close();
  },

  async "openForReading() refuses a directory"(subject) {
    const open = (): unknown => subject.platform.disk.openForReading(subject.directory);
    assert.throws(open, diskFailure("EISDIR", subject.directory));
  },

  async "freeBytes() tells how much room there is"({ platform, directory }) {
    assert.ok((platform.disk.freeBytes(directory) ?? 0) > 0);
  },
};
