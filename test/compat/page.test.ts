// The page for people in a real browser, on an ensemble of three under load, whose leader is killed.
//
// ZOOID_PICTURES=<folder> keeps what was to be seen.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Browser } from "./browser.js";
import { Ensemble, PORTS } from "./ensemble-world.js";
import { connectClient } from "./ensemble-writer.js";
import { peerTest } from "./peers.js";

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844, isPhone: true };
/** One at each server, whose charts are to have lines, and one that goes on when a server ends. */
const CLIENTS = 4;
const HOSTILE = `/<img src=x onerror="window.isHacked=1">`;

const port = (sid: number) => PORTS.page + 3 * (sid - 1);
const adminPort = (sid: number) => PORTS.page + 9 + sid;

function threeServers(): Ensemble {
  const lines = Object.fromEntries(
    [1, 2, 3].map((sid) => {
      const ports = `${port(sid) + 1}:${port(sid) + 2}`;
      return [`server.${sid}`, `127.0.0.1:${ports};127.0.0.1:${port(sid)}`];
    }),
  );
  return new Ensemble({
    basePort: PORTS.page,
    members: [{ kind: "zooid" }, { kind: "zooid" }, { kind: "zooid" }],
    cfgOf: (sid) => ({
      ...lines,
      "admin.enableServer": "true",
      "admin.serverAddress": "127.0.0.1",
      "admin.serverPort": adminPort(sid),
    }),
  });
}

/** Some reads and writes all the time, until `stop`. */
async function load(connectString: string): Promise<{ stop(): Promise<void> }> {
  let isOn = true;
  const clients = [...connectString.split(","), connectString].map((at) => connectClient(at));
  const running = clients.map(async (client, index) => {
    while (isOn) {
      const work = [
        client.setData("/app/load", Buffer.alloc(100, index)),
        ...Array.from({ length: 3 }, () => client.getData("/app/load")),
      ];
      // What the leader's end interrupts is no matter here.
      await Promise.allSettled(work);
      await wait(10);
    }
    await client.close().catch(() => {});
  });
  return {
    async stop() {
      isOn = false;
      await Promise.all(running);
    },
  };
}

async function makeNodes(connectString: string): Promise<void> {
  const client = connectClient(connectString);
  await client.untilConnected();
  client.addAuth("digest", "alice:secret");
  await client.create("/app", Buffer.from('{ "name": "app", "replicas": 3 }'));
  await client.create("/app/load", Buffer.alloc(100));
  await client.create(HOSTILE, Buffer.from("<script>window.isHacked=2</script>"));
  // Written backwards, this would look like another name.
  await client.create("/\u202Egnp.exe", Buffer.from([0, 1, 254, 255]));
  const acl = [{ perms: 31, id: { scheme: "auth", id: "" } }];
  await client.create("/hers", Buffer.from("for alice alone"), { acl });
  await client.close();
}

async function keepPicture(browser: Browser, name: string): Promise<void> {
  const folder = process.env.ZOOID_PICTURES;
  if (folder !== undefined) {
    writeFileSync(join(folder, `${name}.png`), await browser.picture());
    writeFileSync(join(folder, `${name}-whole.png`), await browser.picture({ isWhole: true }));
  }
}

const stateOf = (sid: number) =>
  `[...document.querySelectorAll(".member")].find((one) => one.innerText.startsWith("${sid} "))?.querySelector(".state")?.innerText`;

async function seeEnsemble(browser: Browser, leader: number): Promise<void> {
  await browser.until(`${stateOf(leader)} === "leader"`);
  for (const sid of [1, 2, 3].filter((one) => one !== leader)) {
    await browser.until(`${stateOf(sid)} === "follower"`);
  }
  await browser.until(`document.querySelectorAll("dd").length > 10`);
  await browser.until(
    `document.getElementById("members").innerText.match(/\\bsynced\\b/g)?.length === 2`,
  );
}

async function seeCharts(browser: Browser): Promise<void> {
  const plots = `[...document.querySelectorAll(".plot")]`;
  await browser.until(`${plots}.length === 6`);
  // All lines of the first four have come to be drawn: there was traffic in at least two intervals.
  await browser.until(
    `${plots}.slice(0, 4).every((one) => [...one.querySelectorAll("path")].every((path) => /L/.test(path.getAttribute("d"))))`,
  );
  await browser.until(`/reads [\\d.,]+ \\/s\\s+writes [\\d.,]+ \\/s/.test(${plots}[0].innerText)`);
}

async function seeTree(browser: Browser): Promise<void> {
  const click = (text: string) =>
    browser.value(
      `[...document.querySelectorAll("#node li a")].find((one) => one.innerText === ${JSON.stringify(text)}).click()`,
    );
  await browser.until(`document.querySelectorAll("#node li").length === 5`);
  const names = await browser.value<string>(`document.querySelector("#node ul").innerText`);
  assert.match(names, /not yours to read/);
  assert.match(names, /\\u\{202e\}gnp\.exe/);
  await click(HOSTILE.slice(1));
  const shown = `document.querySelector("#node pre")?.innerText`;
  await browser.until(`${shown} === "<script>window.isHacked=2</script>"`);
  assert.equal(await browser.value("window.isHacked ?? null"), null);
  assert.equal(
    await browser.value(`document.querySelectorAll("#node img, #crumbs img").length`),
    0,
  );
  await browser.value("history.back()");
  await browser.until(`document.querySelectorAll("#node li").length === 5`);
  await click("\\u{202e}gnp.exe");
  await browser.until(`${shown}?.includes("00 01 fe ff")`);
  await browser.value("history.back()");
  await browser.until(`document.querySelectorAll("#node li").length === 5`);
  await click("hers");
  await browser.until(`document.querySelector("#node .bad")?.innerText.includes("permission")`);
  await browser.value(
    `(document.getElementById("credentials").value = "alice:secret", document.getElementById("enter").click())`,
  );
  await browser.until(`${shown} === "for alice alone"`);
  await browser.until(`document.getElementById("who").innerText === "digest: alice"`);
}

async function seeSessions(browser: Browser): Promise<void> {
  const rows = `document.querySelectorAll("#session-rows tbody tr").length`;
  await browser.value(`document.getElementById("show-sessions").click()`);
  await browser.until(`${rows} === ${CLIENTS}`);
}

async function fitsPhone(browser: Browser): Promise<void> {
  const excess = await browser.value<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  assert.equal(excess, 0, "nothing is wider than the phone");
  const small = await browser.value<number>(
    `[...document.querySelectorAll("body *")].filter((one) => one.innerText && parseFloat(getComputedStyle(one).fontSize) < 11).length`,
  );
  assert.equal(small, 0, "no text is too small to read");
}

async function look(context: TestContext): Promise<void> {
  const ensemble = threeServers();
  context.after(() => ensemble.discard());
  await ensemble.start(1, 2, 3);
  const leader = await ensemble.leader();
  await makeNodes(ensemble.connectString);
  const traffic = await load(ensemble.connectString);
  context.after(() => traffic.stop());
  const url = (sid: number) => `http://127.0.0.1:${adminPort(sid)}/`;
  const browser = await Browser.open(url(leader), DESKTOP);
  context.after(() => browser.close());

  await seeEnsemble(browser, leader);
  await seeCharts(browser);
  await seeTree(browser);
  await seeSessions(browser);
  await keepPicture(browser, "desktop");
  assert.deepEqual(browser.complaints.filter(isNoRefusal), []);

  const follower = [1, 2, 3].find((sid) => sid !== leader)!;
  await browser.resize({ ...PHONE, isDark: true });
  await browser.go(`${url(follower)}#tree:/app`);
  await browser.until(`${stateOf(leader)} === "leader"`);
  await seeCharts(browser);
  await ensemble.kill9(leader);
  await browser.until(`${stateOf(leader)} === "unreachable"`, 60_000);
  const next = await ensemble.leader();
  await browser.until(`${stateOf(next)} === "leader"`, 60_000);
  await seeCharts(browser);
  await fitsPhone(browser);
  await keepPicture(browser, "phone");
  await browser.resize(DESKTOP);
  await keepPicture(browser, "leader-killed");

  await ensemble.kill9(follower);
  await browser.until(`!document.getElementById("trouble").hidden`);
}

/** That a node was not to be read is in the console because of its status. */
const isNoRefusal = (complaint: string) => !/status of 403/.test(complaint);

peerTest(
  "The page shows an ensemble under load, on a desk and on a phone, and its leader's end",
  ["zooid", "chromium"],
  look,
);
