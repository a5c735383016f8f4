import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hostAddress, socketAddress } from "../../src/client/java-address.js";
import { javaDate } from "../../src/client/java-date.js";

test("hostAddress and socketAddress print addresses as Java does", () => {
  for (const [address, host, socket] of [
    ["127.0.0.1", "127.0.0.1", "/127.0.0.1:1"],
    ["::1", "0:0:0:0:0:0:0:1", "/[0:0:0:0:0:0:0:1]:1"],
    ["::", "0:0:0:0:0:0:0:0", "/[0:0:0:0:0:0:0:0]:1"],
    ["fe80::1:0a0b%eth0", "fe80:0:0:0:0:0:1:a0b%eth0", "/[fe80:0:0:0:0:0:1:a0b%eth0]:1"],
    ["2001:db8::", "2001:db8:0:0:0:0:0:0", "/[2001:db8:0:0:0:0:0:0]:1"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "/[1:2:3:4:5:6:7:8]:1"],
  ] as const) {
    assert.equal(hostAddress(address), host);
    assert.equal(socketAddress(address, 1), socket);
  }
});

test("javaDate prints what a live Java printed", () => {
  assert.equal(javaDate(Date.UTC(2026, 10, 21, 9, 19, 11)), "Sat Nov 21 09:19:11 UTC 2026");
});

test("javaDate agrees with the calendar for any time", () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 43 }), (ms) => {
      // Sat, 21 Nov 2026 09:19:11 GMT
      const [weekday, day, month, year, time] = new Date(ms).toUTCString().split(/,? /);
      assert.equal(javaDate(ms), `${weekday} ${month} ${day} ${time} UTC ${year}`);
    }),
  );
});
