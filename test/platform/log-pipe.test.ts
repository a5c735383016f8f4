// The log of a process whose standard output is a pipe, as under a service manager or in a container.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { test } from "node:test";

const PLATFORM = new URL("../../src/platform/node/platform.js", import.meta.url).href;

/** A process that runs `body` with `log` at hand. */
function logging(body: string): ChildProcess {
  const script = `
    const { createNodePlatform } = await import(${JSON.stringify(PLATFORM)});
    const { log } = createNodePlatform();
    ${body}`;
  const args = ["--input-type=module", "-e", script];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
}

test("process.exit() loses no line, and swaps none, whatever was under way", async () => {
  const child = logging(`
    for (let i = 0; i < 5000; i++) log.info("line " + i);
    setImmediate(() => {
      for (let i = 5000; i < 10000; i++) log.info("line " + i);
      process.exit(3);
    });`);
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const exitCode = await new Promise((resolve) => child.once("close", resolve));
  assert.equal(exitCode, 3);
  const lines = Buffer.concat(chunks).toString().trimEnd().split("\n");
  assert.equal(lines.length, 10_000);
  for (const [at, line] of lines.entries()) assert.ok(line.endsWith(` - line ${at}`), line);
});

test("a reader that sleeps does not stop the process, and gets the lines when it wakes", async () => {
  const child = logging(`
    for (let i = 0; i < 20000; i++) log.info("line " + i);
    setTimeout(() => process.stderr.write("alive"), 50);
    process.once("SIGTERM", () => process.exit(0));
    setInterval(() => {}, 1000);`);
  const { stdout, stderr } = child;
  assert.ok(stdout !== null && stderr !== null);
  const alive = await new Promise((resolve) => stderr.once("data", resolve));
  assert.equal(String(alive), "alive");
  let text = "";
  await new Promise<void>((resolve) => {
    stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (text.endsWith("line 19999\n")) resolve();
    });
  });
  assert.equal(text.split("\n").length, 20_001);
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("close", resolve));
});

test("a reader that is gone does not end the process", async () => {
  const child = logging(`
    const write = () => log.info("x".repeat(1000));
    setInterval(write, 1);
    setTimeout(() => { process.stderr.write("alive"); process.exit(0); }, 100);`);
  child.stdout?.destroy();
  const alive = await new Promise((resolve) => child.stderr?.once("data", resolve));
  assert.equal(String(alive), "alive");
  assert.equal(await new Promise((resolve) => child.once("close", resolve)), 0);
});
