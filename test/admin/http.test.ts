import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpRequestParser, type ParsedHttp } from "../../src/admin/http/request-parser.js";
import { httpDate } from "../../src/admin/http/response.js";
import { JsonList, JsonObject, jsonText, RawNumber } from "../../src/admin/json.js";
import { javaDate } from "../../src/client/java-date.js";
import { ADMIN_PORT, AdminWorld, bodyOf, dechunked, statusOf } from "./world.js";

// ---------------------------------------------------------------------------------------------------------------- parser

/** What comes of these pieces, in words. */
function parsed(pieces: readonly string[]): string[] {
  const parser = new HttpRequestParser();
  const found: string[] = [];
  for (const piece of pieces) {
    parser.push(Buffer.from(piece, "latin1"));
    for (;;) {
      const next: ParsedHttp = parser.next();
      if (next.kind === "more") break;
      if (next.kind === "bad") {
        found.push(`${next.status}`);
        return found;
      }
      const { method, path, parameters, headers, keepsAlive } = next.request;
      const values = parameters.map(([key, value]) => `${key}=${value}`);
      found.push([method, path, ...values, headers.get("a") ?? "-", keepsAlive].join(" "));
    }
  }
  return found;
}

const H = "Host: h\r\n";
const CASES: Readonly<Record<string, readonly [text: string, found: readonly string[]]>> = {
  "a request": [`GET /x HTTP/1.1\r\n${H}\r\n`, ["GET /x - true"]],
  "lines that end with LF alone": ["GET /x HTTP/1.1\nHost: h\nA: b\n\n", ["GET /x b true"]],
  "HTTP/1.0 without a host": ["GET /x HTTP/1.0\r\n\r\n", ["GET /x - false"]],
  "HTTP/1.0 that wants to stay": [
    "GET /x HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
    ["GET /x - true"],
  ],
  "a client that goes": [`GET /x HTTP/1.1\r\n${H}Connection: x, Close\r\n\r\n`, ["GET /x - false"]],
  "a query": [
    `GET /%C3%A4?a=b%20c+d&e&a=second&f=%C3%A4 HTTP/1.1\r\n${H}\r\n`,
    ["GET /ä a=b c d e= a=second f=ä - true"],
  ],
  "the absolute form": [`GET http://h:1/x?y=1 HTTP/1.1\r\n${H}\r\n`, ["GET /x y=1 - true"]],
  "two requests and the empty line between them": [
    `GET /1 HTTP/1.1\r\n${H}\r\n\r\nGET /2 HTTP/1.1\r\n${H}\r\n`,
    ["GET /1 - true", "GET /2 - true"],
  ],
  "a body that nobody wants": [
    `POST /1 HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nGET /GET /2 HTTP/1.1\r\n${H}\r\n`,
    ["POST /1 - true", "GET /2 - true"],
  ],
  "a body in chunks": [
    `POST /1 HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nabcde\r\nA\r\n0123456789\r\n0\r\nT: x\r\n\r\nGET /2 HTTP/1.1\r\n${H}\r\n`,
    ["POST /1 - true", "GET /2 - true"],
  ],
  "white space around a value": [
    `GET /x HTTP/1.1\r\n${H}A: \t b c\t \r\n\r\n`,
    ["GET /x b c true"],
  ],
  "no host": ["GET /x HTTP/1.1\r\n\r\n", ["400"]],
  "two hosts": [`GET /x HTTP/1.1\r\n${H}Host: i\r\n\r\n`, ["400"]],
  "no target": ["FOO\r\n\r\n", ["400"]],
  "two spaces": [`GET  /x HTTP/1.1\r\n${H}\r\n`, ["400"]],
  "a method that is none": [`G(T /x HTTP/1.1\r\n${H}\r\n`, ["400"]],
  "a version that is none": [`GET /x HTTX/1.1\r\n${H}\r\n`, ["400"]],
  "another version": [`GET /x HTTP/2.0\r\n${H}\r\n`, ["505"]],
  "a space before a colon": [`GET /x HTTP/1.1\r\n${H}A : b\r\n\r\n`, ["400"]],
  "a folded line": [`GET /x HTTP/1.1\r\n${H}A: b\r\n c\r\n\r\n`, ["400"]],
  "a CR inside": [`GET /x HTTP/1.1\r\n${H}A: b\rc\r\n\r\n`, ["400"]],
  "a header without a colon": [`GET /x HTTP/1.1\r\n${H}Ab\r\n\r\n`, ["400"]],
  "a control character in the target": [`GET /\x01 HTTP/1.1\r\n${H}\r\n`, ["400"]],
  "a bad escape": [`GET /%zz HTTP/1.1\r\n${H}\r\n`, ["400"]],
  "two lengths": [`POST / HTTP/1.1\r\n${H}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, ["400"]],
  "a length that is none": [`POST / HTTP/1.1\r\n${H}Content-Length: +1\r\n\r\n`, ["400"]],
  "a length and chunks": [
    `POST / HTTP/1.1\r\n${H}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ["400"],
  ],
  "an encoding that is not known": [
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    ["501"],
  ],
  "a chunk's size that is none": [
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n-1\r\n`,
    ["POST / - true", "400"],
  ],
  "a chunk that is longer than it says": [
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`,
    ["POST / - true", "400"],
  ],
  "chunks that are too much": [
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n`,
    ["POST / - true", "413"],
  ],
  "a body that is too long": [
    `POST / HTTP/1.1\r\n${H}Content-Length: 99999999\r\n\r\n`,
    ["POST / - false"],
  ],
  "a line that does not end": [`GET /${"x".repeat(9000)}`, ["414"]],
  "headers that do not end": [`GET / HTTP/1.1\r\nA: ${"x".repeat(9000)}`, ["431"]],
};

for (const [name, [text, found]] of Object.entries(CASES)) {
  test(`The parser understands ${name}, whole, byte by byte and cut everywhere`, () => {
    assert.deepEqual(parsed([text]), found);
    assert.deepEqual(parsed([...text]), found);
    if (text.length > 1000) return;
    for (let cut = 1; cut < text.length; cut++) {
      assert.deepEqual(parsed([text.slice(0, cut), text.slice(cut)]), found, `cut at ${cut}`);
    }
  });
}

test("The parser gives out nothing before a head is whole", () => {
  const text = `GET /x HTTP/1.1\r\n${H}\r\n`;
  for (let length = 0; length < text.length; length++) {
    assert.deepEqual(parsed([text.slice(0, length)]), []);
  }
});

// ------------------------------------------------------------------------------------------------------------------ JSON

test("JSON is printed as Jackson does", () => {
  const value = new JsonObject([
    ["10", new JsonList([1, 2n, "x"])],
    ["2", new JsonObject([])],
    ["list", new JsonList([new JsonObject([["a", null]]), new JsonObject([["b", true]])])],
    ["double", new RawNumber("1.0E7")],
    ["none", new RawNumber("NaN")],
    ['"\\\b\t\n\f\r\x01/ä', new JsonList([])],
  ]);
  const text = [...jsonText(value)].join("");
  assert.equal(
    text,
    `{
  "10" : [ 1, 2, "x" ],
  "2" : { },
  "list" : [ {
    "a" : null
  }, {
    "b" : true
  } ],
  "double" : 1.0E7,
  "none" : "NaN",
  "\\"\\\\\\b\\t\\n\\f\\r\\u0001/ä" : [ ]
}`,
  );
});

test("A date is written as HTTP wants it", () => {
  assert.equal(httpDate(javaDate(1_795_258_502_000)), "Sat, 21 Nov 2026 10:55:02 GMT");
});

// ----------------------------------------------------------------------------------------------------------- connections

const RUOK = "GET /commands/ruok HTTP/1.1\r\nHost: h\r\n\r\n";

test("A connection is kept, and requests that come at once are answered in order", async () => {
  const world = new AdminWorld();
  await world.untilListening();
  const last = "GET /commands/isro HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const answer = await world.exchange(`${RUOK}${RUOK}${last}`);
  const names = [...answer.matchAll(/"command" : "(\w+)"/g)].map(([, name]) => name);
  assert.deepEqual(names, ["ruok", "ruok", "is_read_only"]);
  assert.equal(answer.match(/^Connection: close\r$/gm)?.length, 1);
});

test("What is not HTTP is answered with 400, and the connection ends", async () => {
  const world = new AdminWorld();
  await world.untilListening();
  const answer = await world.exchange(`NONSENSE\r\n\r\n${RUOK}`);
  assert.equal(statusOf(answer), 400);
  assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1);
});

test("A body that is too long costs the connection, after the answer", async () => {
  const world = new AdminWorld();
  await world.untilListening();
  const head = "POST /commands/restore HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n";
  const answer = await world.exchange(head + "x".repeat(100_000));
  assert.equal(statusOf(answer), 401);
  assert.match(answer, /^Connection: close\r$/m);
});

test("A client that is silent, or sends its request a byte at a time, is let go after the time-out", async () => {
  const world = new AdminWorld({ config: { "admin.idleTimeout": 5000 } });
  await world.untilListening();
  const { clock, network } = world.platform;
  for (const drip of [false, true]) {
    const startMs = clock.monotonicMs();
    const livedMs = await world.settle(
      new Promise<number>((resolve) => {
        network.connect({ host: "zk1", port: ADMIN_PORT }, { timeoutMs: 1000 }, (_error, one) => {
          let isClosed = false;
          one?.start({
            onData() {},
            onDrain() {},
            onEnd: () => one.end(),
            onClose() {
              isClosed = true;
              resolve(clock.monotonicMs() - startMs);
            },
          });
          const send = () => {
            if (isClosed) return;
            one?.write(Buffer.from("G"));
            clock.setTimer(500, send);
          };
          if (drip) send();
        });
      }),
    );
    assert.ok(livedMs >= 5000 && livedMs < 7000, `lived ${livedMs} ms`);
  }
});

test("A long answer is sent in chunks, or until the end to HTTP/1.0, and is whole", async () => {
  const world = new AdminWorld();
  await world.untilListening();
  const client = await world.client();
  const names: string[] = [];
  for (let index = 0; index < 300; index++) {
    const path = `/${String(index).padStart(4, "0")}${"x".repeat(400)}`;
    names.push(path);
    await world.settle(client.exists(path, true));
  }
  const chunked = await world.ask("GET /commands/wchp");
  assert.match(chunked, /^Transfer-Encoding: chunked\r$/m);
  const answer10 = await world.exchange("GET /commands/wchp HTTP/1.0\r\n\r\n");
  assert.doesNotMatch(answer10, /^(Transfer-Encoding|Content-Length)/m);
  const body = dechunked(chunked);
  assert.equal(body, bodyOf(answer10));
  const { path_to_session_ids: found } = JSON.parse(body);
  assert.deepEqual(Object.keys(found).sort(), names);
  const head = await world.ask("HEAD /commands/wchp");
  assert.match(head, /^Transfer-Encoding: chunked\r$/m);
  assert.equal(bodyOf(head), "");
});
