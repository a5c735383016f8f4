// A Kerberos realm of its own for a test: MIT's key distribution centre as a plain process on a loopback port, its database and
// configuration in a temporary folder. Nothing of the machine's is read or changed.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { SYSTEM_PATH } from "../peers.js";
import { freePort } from "../server-process.js";

export const REALM = "ZOOID.TEST";
const START_MAX_MS = 60_000;

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class TestRealm {
  readonly directory = mkdtempSync(join(tmpdir(), "zooid-realm-"));
  readonly configuration = join(this.directory, "krb5.conf");
  #centre: ChildProcess | undefined;

  static async start(): Promise<TestRealm> {
    const realm = new TestRealm();
    const port = await freePort();
    const { directory } = realm;
    writeFileSync(
      realm.configuration,
      `[libdefaults]
  default_realm = ${REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  ${REALM} = {
    kdc = 127.0.0.1:${port}
  }
`,
    );
    writeFileSync(
      join(directory, "kdc.conf"),
      `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${REALM} = {
    database_name = ${directory}/principal
    key_stash_file = ${directory}/stash
    supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
  }
`,
    );
    realm.#run("kdb5_util", ["create", "-s", "-P", "master", "-r", REALM]);
    realm.#centre = spawn("krb5kdc", ["-n"], { env: realm.environment, stdio: "ignore" });
    running.add(realm.#centre);
    await realm.#untilListening(port);
    return realm;
  }

  /** For programs of MIT's that this realm is theirs. */
  get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PATH: SYSTEM_PATH,
      KRB5_CONFIG: this.configuration,
      KRB5_KDC_PROFILE: join(this.directory, "kdc.conf"),
      KRB5CCNAME: `FILE:${join(this.directory, "ccache")}`,
    };
  }

  /** One more krb5.conf, with this line among its defaults. */
  configurationWith(line: string): string {
    const path = this.path("other.conf");
    const text = readFileSync(this.configuration, "utf8");
    writeFileSync(path, text.replace("[realms]", `  ${line}\n[realms]`));
    return path;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** New principals, with keys that nobody knows. */
  add(...principals: string[]): void {
    this.#admin(...principals.map((name) => `addprinc -randkey ${name}`));
  }

  /** Tickets of this principal end after so many seconds. */
  limitTickets(principal: string, seconds: number): void {
    this.#admin(`modprinc -maxlife "${seconds} seconds" ${principal}`);
  }

  /** A key table with new keys of these principals: what they had before is no good any more. */
  keyTable(name: string, ...principals: string[]): string {
    const path = this.path(name);
    this.#admin(`ktadd -k ${path} ${principals.join(" ")}`);
    return path;
  }

  /** A ticket cache, as after kinit. */
  ticketCache(name: string, principal: string, keyTable: string): string {
    const path = this.path(name);
    this.#run("kinit", ["-c", path, "-k", "-t", keyTable, principal]);
    return path;
  }

  async stop(): Promise<void> {
    const centre = this.#centre;
    if (centre !== undefined && centre.exitCode === null) {
      const gone = new Promise((resolve) => centre.once("close", resolve));
      centre.kill("SIGKILL");
      await gone;
      running.delete(centre);
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  #admin(...commands: string[]): void {
    const answer = this.#run("kadmin.local", ["-r", REALM], commands.join("\n"));
    if (/^\w+: /m.test(answer.replace(/^(kadmin\.local|Authenticating).*$/gm, ""))) {
      throw new Error(`kadmin.local: ${answer}`);
    }
  }

  #run(program: string, args: readonly string[], input = ""): string {
    return execFileSync(program, args, {
      env: this.environment,
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "ignore"],
    });
  }

  async #untilListening(port: number): Promise<void> {
    const deadline = Date.now() + START_MAX_MS;
    while (!(await canConnect(port))) {
      if (Date.now() > deadline) throw new Error("krb5kdc does not answer");
      await wait(20);
    }
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
