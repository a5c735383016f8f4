import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Chroot, pathProblem } from "../../src/cli/client/client-path.js";
import { parseConnectString } from "../../src/cli/client/connect-string.js";
import { HostList } from "../../src/cli/client/host-list.js";
import { PendingRequests } from "../../src/cli/client/pending-requests.js";
import { SessionTiming } from "../../src/cli/client/session-timing.js";
import { InvalidArgumentError } from "../../src/cli/client/zookeeper-error.js";
import { JuteReader } from "../../src/jute/reader.js";
import { JuteWriter } from "../../src/jute/writer.js";

const random = {
  hashSeed: 0,
  integer: (bound: number): number => bound - 1,
  fill: (): void => {},
};

describe("A path", () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ["/", undefined],
    ["/a", undefined],
    ["/a/b.c/..d/...", undefined],
    ["/a b/ü/✓", undefined],
    ["/a~\u00a0", undefined],
    ["", "Path length must be > 0"],
    ["a", "Path must start with / character"],
    ["/a/", "Path must not end with / character"],
    ["//a", 'Invalid path string "//a" caused by empty node name specified @1'],
    ["/a//b", 'Invalid path string "/a//b" caused by empty node name specified @3'],
    ["/.", 'Invalid path string "/." caused by relative paths not allowed @1'],
    ["/..", 'Invalid path string "/.." caused by relative paths not allowed @2'],
    ["/a/./b", 'Invalid path string "/a/./b" caused by relative paths not allowed @3'],
    ["/a/../b", 'Invalid path string "/a/../b" caused by relative paths not allowed @4'],
    ["/a\0b", 'Invalid path string "/a\0b" caused by null character not allowed @2'],
    ["/a\u001f", 'Invalid path string "/a\u001f" caused by invalid character @2'],
    ["/a\u007f", 'Invalid path string "/a\u007f" caused by invalid character @2'],
    ["/a\u009f", 'Invalid path string "/a\u009f" caused by invalid character @2'],
    ["/a\ud83d\ude00", 'Invalid path string "/a\ud83d\ude00" caused by invalid character @2'],
    ["/a\uf8ff", 'Invalid path string "/a\uf8ff" caused by invalid character @2'],
    ["/a\uf900", undefined],
    ["/a\uffef", undefined],
    ["/a\ufff0", 'Invalid path string "/a\ufff0" caused by invalid character @2'],
  ];

  it("is refused in Java's words, or not at all", () => {
    for (const [path, problem] of table) assert.equal(pathProblem(path), problem);
  });

  it("comes back from the server as it went out, whatever the chroot", () => {
    const name = fc.constantFrom("a", "bb", "app", "zookeeper");
    const path = fc.array(name).map((names) => `/${names.join("/")}`);
    fc.assert(
      fc.property(path, path, (prefix, own) => {
        const chroot = new Chroot(prefix === "/" ? undefined : prefix);
        assert.equal(chroot.toClient(chroot.toServer(own)), own);
      }),
    );
  });
});

describe("A connect string", () => {
  const servers = (text: string): string[] =>
    parseConnectString(text).servers.map(({ host, port }) => `${host} ${port}`);

  it("has servers with and without ports, and blanks that mean nothing", () => {
    assert.deepEqual(servers("a:1, b ,c:"), ["a 1", "b 2181", "c 2181"]);
    assert.deepEqual(servers("[::1]:5,[fe80::2]"), ["::1 5", "fe80::2 2181"]);
    assert.deepEqual(servers("a,,b,"), ["a 2181", "b 2181"]);
  });

  it("may end with a chroot", () => {
    assert.equal(parseConnectString("a:1,b/app/x").chroot, "/app/x");
    assert.equal(parseConnectString("a:1/").chroot, undefined);
    assert.equal(parseConnectString("a:1").chroot, undefined);
  });

  it("is refused when it makes no sense", () => {
    for (const text of ["", "/app", "a:x", "a:70000", "a/app/", "a//app"]) {
      assert.throws(() => parseConnectString(text), InvalidArgumentError, text);
    }
  });
});

describe("A list of hosts", () => {
  const hosts = ["a", "b", "c", "d"].map((host) => ({ host, port: 1 }));

  it("is gone round, from the server that was connected last", () => {
    const list = new HostList(hosts, random, { reconnectPauseMaxMs: 0, roundPauseMs: 50 });
    const attempts = (n: number) => Array.from({ length: n }, () => list.nextAttempt(undefined));
    const first = attempts(2);
    list.onConnected();
    const round = attempts(5);
    assert.deepEqual(
      [...first, ...round].map(({ pauseMs }) => pauseMs),
      [0, 0, 0, 0, 0, 50, 0],
    );
    assert.deepEqual(round[3]!.server, first[1]!.server);
    assert.equal(new Set(round.map(({ server }) => server.host)).size, 4);
  });

  it("is left when it does not have the server any more, and only then if it has not grown", () => {
    const list = new HostList(hosts, random);
    assert.equal(list.replace(hosts.slice(0, 2), hosts[0]), false);
    assert.equal(list.replace(hosts.slice(1, 3), hosts[0]), true);
    assert.equal(list.replace(hosts, undefined), false);
  });
});

describe("A session's times", () => {
  it("are Java's", () => {
    const { connectTimeoutMs, readTimeoutMs, pingIntervalMs, expirationMs } = new SessionTiming(
      30_000,
      3,
    );
    assert.deepEqual(
      [connectTimeoutMs, readTimeoutMs, pingIntervalMs, expirationMs],
      [10_000, 20_000, 9000, 40_000],
    );
    assert.equal(new SessionTiming(1000, 1).pingIntervalMs, 333);
    assert.equal(new SessionTiming(4000, 1).pingIntervalMs, 1000);
    assert.equal(new SessionTiming(300_000, 1).pingIntervalMs, 10_000);
  });
});

describe("Requests that wait", () => {
  it("are answered in their order, however many come and go", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1500, max: 1500 })), (steps) => {
        const pending = new PendingRequests();
        const out = new JuteWriter();
        const answered: number[] = [];
        let asked = 0;
        for (const step of steps) {
          for (let i = 0; i < step; i++) {
            const number = asked++;
            const onReply = (): void => {
              answered.push(number);
            };
            pending.add(out, 11, undefined, undefined, { xid: 0, submittedAtMs: 0, onReply });
          }
          for (let i = 0; i > step && pending.oldest !== undefined; i--) {
            pending.onReply(new JuteReader(Buffer.alloc(0)), pending.oldest.xid, 1, 0);
          }
          out.reset();
        }
        assert.equal(pending.size, asked - answered.length);
        pending.failAll(-4);
        assert.deepEqual(
          answered,
          Array.from({ length: asked }, (_, i) => i),
        );
      }),
      { numRuns: 30 },
    );
  });
});
