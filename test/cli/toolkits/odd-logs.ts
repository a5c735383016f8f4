// Transaction logs that no server has written, byte by byte.

import { JuteWriter } from "../../../src/jute/writer.js";
import { adler32 } from "../../../src/storage/adler32.js";
import { OpCode } from "../../../src/wire/op-codes.js";
import { type Acl, ODD_ACL, WORLD, writeAcl } from "./acls.js";

export interface Txn {
  readonly type: number;
  readonly clientId?: bigint;
  readonly cxid?: number;
  readonly zxid?: bigint;
  readonly time?: bigint;
  body(out: JuteWriter): void;
}

export function logOf(txns: readonly Txn[]): Buffer {
  const out = new JuteWriter();
  out.int(0x5a4b4c47);
  out.int(2);
  out.bigLong(-7n);
  txns.forEach((txn, i) => {
    const payload = new JuteWriter();
    payload.bigLong(txn.clientId ?? 77n);
    payload.int(txn.cxid ?? i);
    payload.bigLong(txn.zxid ?? BigInt(i + 1));
    payload.bigLong(txn.time ?? 1_800_000_000_000n);
    payload.int(txn.type);
    txn.body(payload);
    const bytes = payload.take();
    out.bigLong(BigInt(adler32(bytes, 0, bytes.length)));
    out.buffer(bytes);
    out.byte(0x42);
  });
  return out.take();
}

export function node(out: JuteWriter, path: string | null, data: Buffer | null, acl: Acl): void {
  out.string(path);
  out.buffer(data);
  writeAcl(out, acl);
}

function create(path: string | null, data: Buffer | null, acl: Acl, ephemeral: boolean): Txn {
  const body = (out: JuteWriter): void => {
    node(out, path, data, acl);
    out.bool(ephemeral);
    out.int(-1);
  };
  return { type: OpCode.create, body };
}

function multi(parts: readonly (readonly [number, Buffer | null])[]): Txn {
  const body = (out: JuteWriter): void => {
    out.int(parts.length);
    for (const [type, data] of parts) {
      out.int(type);
      out.buffer(data);
    }
  };
  return { type: OpCode.multi, body };
}

/** Every kind of txn, with what may be null, empty, negative or strange in it. */
export function oddLog(): Buffer {
  return logOf([...oddCreates(), ...oddChanges(), ...oddSessions()]);
}

const MALFORMED = Buffer.from([0xed, 0xa0, 0x80, 0xc0, 0x80, 0xf8, 0x88, 0xff, 0xe2, 0x82, 0x41]);

function oddCreates(): Txn[] {
  return [
    create("/a", Buffer.from("ü\nx,%}"), WORLD, true),
    create(null, null, null, false),
    create("", Buffer.alloc(0), ODD_ACL, false),
    create("/malformed", MALFORMED, [], false),
    { ...create("/late", null, WORLD, false), time: 2n ** 62n, cxid: -1, clientId: -1n, zxid: -2n },
    { ...create("/early", null, WORLD, false), time: 0n, zxid: 2n ** 62n },
    // As ZooKeeper 3.3 wrote it: nothing behind the last field.
    {
      type: OpCode.create,
      body: (out) => {
        node(out, "/v0", null, WORLD);
        out.bool(true);
      },
    },
    { ...create("/a2", null, WORLD, false), type: OpCode.create2 },
    {
      type: OpCode.createContainer,
      body: (out) => {
        node(out, "/container", Buffer.from("c"), WORLD);
        out.int(5);
      },
    },
    {
      type: OpCode.createTTL,
      body: (out) => {
        node(out, "/ttl", null, ODD_ACL);
        out.int(5);
        out.bigLong(-(2n ** 63n));
      },
    },
  ];
}

function oddChanges(): Txn[] {
  return [
    { type: OpCode.delete, body: (out) => out.string("/a,%}\n") },
    { type: OpCode.deleteContainer, body: (out) => out.string(null) },
    {
      type: OpCode.setData,
      body: (out) => {
        out.string("/a");
        out.buffer(null);
        out.int(-9);
      },
    },
    {
      type: OpCode.reconfig,
      body: (out) => {
        out.string("/zookeeper/config");
        out.buffer(Buffer.from("server.1=a:1:2;3\nversion=100000000\n"));
        out.int(-1);
      },
    },
    {
      type: OpCode.setACL,
      body: (out) => {
        out.string("/a");
        writeAcl(out, ODD_ACL);
        out.int(2);
      },
    },
    {
      type: OpCode.setACL,
      body: (out) => {
        out.string(null);
        writeAcl(out, null);
        out.int(2);
      },
    },
  ];
}

function oddSessions(): Txn[] {
  return [
    { type: OpCode.closeSession, body: () => {} },
    {
      type: OpCode.closeSession,
      body: (out) => {
        out.int(2);
        out.string("/a,b");
        out.string(null);
      },
    },
    { type: OpCode.closeSession, body: (out) => out.int(-1) },
    { type: OpCode.createSession, body: (out) => out.int(-30_000) },
    { type: OpCode.error, body: (out) => out.int(-101) },
    multi([]),
    multi([
      [OpCode.create, Buffer.from("\0\0\0\x02/m")],
      [99, null],
      [OpCode.error, MALFORMED],
    ]),
    {
      type: OpCode.createSession,
      body: (out) => {
        out.int(1);
        out.int(2);
      },
    },
  ];
}

export function gapLog(): Buffer {
  const zxids = [1n, 2n, 5n, 0x1_0000_0001n, 0x3_0000_0004n, 0x3_0000_0005n];
  return logOf(
    zxids.map((zxid) => ({ zxid, type: OpCode.error, body: (out: JuteWriter) => out.int(-4) })),
  );
}
