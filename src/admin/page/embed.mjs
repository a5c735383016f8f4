// Writes assets.ts: the page's files as strings, so that the server needs no files beside its own bundle. `npm run page`
// after a change of anything in assets/; a test compares the two.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const TYPES = {
  html: "text/html;charset=utf-8",
  css: "text/css;charset=utf-8",
  js: "text/javascript;charset=utf-8",
  svg: "image/svg+xml",
};

const folder = new URL("assets/", import.meta.url);
const lines = [
  "// Made by embed.mjs from the files in assets/: change those, and run `npm run page`.",
  "",
  "export interface Asset {",
  "  readonly contentType: string;",
  "  readonly text: string;",
  "}",
  "",
  "/** By name. */",
  "export const ASSETS: ReadonlyMap<string, Asset> = new Map([",
];
for (const name of readdirSync(folder).sort()) {
  const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
  if (type === undefined) throw new Error(`${name}: of which type is it?`);
  const text = readFileSync(new URL(name, folder), "utf8");
  const asset = `{ contentType: ${JSON.stringify(type)}, text: ${JSON.stringify(text)} }`;
  lines.push(`  [${JSON.stringify(name)}, ${asset}],`);
}
lines.push("]);", "");
writeFileSync(new URL("assets.ts", import.meta.url), lines.join("\n"));
