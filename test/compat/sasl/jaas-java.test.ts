// JAAS files as Java reads them: its own parser is asked about the same texts.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { JaasError, parseJaas } from "../../../src/auth/jaas/jaas.js";
import { peerTest, REPOSITORY } from "../peers.js";

const NAMES = ["Server", "Client", "null", "a-b_c$*", "Größe", "x.y", "S1"];
const DIGEST = "org.apache.zookeeper.server.auth.DigestLoginModule";
const PROPERTIES = { "zooid.test": "value", "zooid.empty": "", "zooid.nested": expanded("x @{y}") };

const WRITTEN = [
  "",
  "\n\n// nothing\n",
  `Server {\n  ${DIGEST} required\n  user_super="adminsecret"\n  user_bob="bobsecret";\n};`,
  `Server { ${DIGEST} ReQuIrEd user_a="x"; ${DIGEST} optional b="c"; };\nClient { m sufficient; };`,
  "Server { };",
  "Server { }",
  "Server {",
  "Server",
  "Server { m required a=b };",
  "Server { m needed; };",
  "Server { m required a=1; };",
  "Server { m required a=b1.2-3; };",
  "Server { m required a=-x; };",
  "Server { m required a=-1; };",
  "Server { m required a=.5; };",
  "Server { m required a=true b=false; };",
  "Server { m required a='b'; };",
  "Server { m required 'a'=b; };",
  'Server { m required a="b\\"c\\n\\t\\101\\7\\\\\\q"; };',
  'Server { m required a="b\n"; };',
  'Server { m required a="b\n; };',
  'Server { "m" "required" "a b"="c d"; };',
  '"Server" { m required; };',
  "# comment\nServer { m required; };",
  "/ comment\nServer { m required; };",
  "/* a\nb\n*/ Server {\n m required a=, ; };",
  "/* open",
  "Server { m required; } ; Server { n optional; };",
  "Server { m required a==b; };",
  "Server { m required a b; };",
  "Server = { m required; };",
  "{ m required; };",
  "1 { m required; };",
  "Größe { mödul required ä=ö; };",
  "a-b_c$* { m required; };",
  "x.y { m required; }; S1 { m required; };",
  "Server { m required a=b;; };",
  "Server { m required\r\n a=\r\n ( ; };",
  "Server {\r m required\r a=[ ; };",
  'Server { m required a="@{zooid.test}-@{/}-@{{x}}-@{{y"; };',
  'Server { m required a="@{zooid.nested}"; };',
  'Server { m required a="@{zooid.empty}"; };',
  'Server { m required a="x@{zooid.empty}"; };',
  'Server { m required a="@{zooid.missing}"; };',
  'Server { m required a="@{open"; };',
  'Server { m required a="" b=c; };',
  "Server { m required a=b a=c; };",
];

const PIECES = [
  "Server",
  "Client",
  "m",
  "required",
  "optional",
  "a",
  "b.c",
  "user_x",
  "=",
  "{",
  "}",
  ";",
  "};",
  '"quoted"',
  '"q\\u',
  "'single'",
  "12",
  "-",
  "-3",
  "/",
  "//",
  "/*",
  "*/",
  "\n",
  "\r",
  " ",
  ",",
  "(",
  "\\",
  "@{zooid.test}",
  "\t",
  "é",
  "€",
  "\u0001",
  "\u0085",
];

/** Well-formed ones with a piece too much or too little, and heaps of pieces. */
function generated(): string[] {
  const piece = fc.constantFrom(...PIECES);
  const heap = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(" "));
  const tight = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(""));
  const spoilt = fc
    .tuple(fc.constantFrom(...WRITTEN), fc.nat(80), fc.nat(3), piece)
    .map(([text, at, drop, more]) => text.slice(0, at) + more + text.slice(at + drop));
  return fc.sample(fc.oneof(heap, tight, spoilt), { numRuns: 400, seed: 7 });
}

/** `@{` stands for the beginning of a property, which the linter takes for a slip in these strings. */
function expanded(text: string): string {
  return text.replaceAll("@{", "$".concat("{"));
}

function ours(text: string): string {
  try {
    const sections = parseJaas(text, new Map(Object.entries(PROPERTIES)));
    let out = "";
    for (const name of NAMES) {
      const entries = sections.get(name);
      const isThere = entries !== undefined && entries.length > 0;
      out += isThere ? `${name}\n` : `${name} none\n`;
      for (const { moduleName, flag, options } of entries ?? []) {
        const shown = [...options.keys()].sort().map((key) => `|${key}=${options.get(key)}`);
        out += `${moduleName}|${flag}${shown.join("")}\n`;
      }
    }
    return out;
  } catch (error) {
    if (!(error instanceof JaasError)) throw error;
    return `error ${error.message}`;
  }
}

peerTest("JAAS files are read as Java reads them, errors and all", ["javac"], async () => {
  const directory = mkdtempSync(join(tmpdir(), "zooid-jaas-"));
  try {
    const texts = [...WRITTEN, ...generated()].map(expanded);
    for (const [i, text] of texts.entries()) writeFileSync(join(directory, `${i}`), text);
    const flags = Object.entries(PROPERTIES).map(([name, value]) => `-D${name}=${value}`);
    const source = join(REPOSITORY, "test/compat/sasl/JaasAsk.java");
    const args = [...flags, "-Dfile.encoding=UTF-8", "-Dsun.jnu.encoding=UTF-8", source, directory];
    const answers = execFileSync("java", [...args, `${texts.length}`, ...NAMES], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    const theirs = answers.trimEnd().split("\n");
    for (const [i, text] of texts.entries()) {
      const answer = Buffer.from(theirs[i]!, "base64").toString("utf8");
      assert.equal(ours(text), answer, `for ${JSON.stringify(text)}`);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
