// The client's side of GSS-API by another hand than ours: Python's binding of MIT's library (initiator.py).

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { REPOSITORY, SYSTEM_PYTHON } from "../peers.js";
import type { TestRealm } from "./realm.js";

export interface Begin {
  readonly begin: string;
  readonly principal: string;
  readonly keytab: string;
  readonly mutual?: boolean;
}

export class Initiator {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(realm: TestRealm) {
    const script = join(REPOSITORY, "test/compat/kerberos/initiator.py");
    const child = spawn(SYSTEM_PYTHON, [script], { env: realm.environment });
    child.stderr.pipe(process.stderr);
    this.#child = child;
    this.#answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  begin(what: Begin): Promise<Buffer> {
    return this.#ask(what);
  }

  step(token: Buffer): Promise<Buffer> {
    return this.#ask({ step: token.toString("hex") });
  }

  wrap(message: Buffer, hide = false): Promise<Buffer> {
    return this.#ask({ wrap: message.toString("hex"), hide });
  }

  unwrap(token: Buffer): Promise<Buffer> {
    return this.#ask({ unwrap: token.toString("hex") });
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }

  async #ask(question: object): Promise<Buffer> {
    this.#child.stdin!.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("initiator.py has ended");
    const answer = JSON.parse(value) as { token?: string; error?: string };
    if (answer.token === undefined) throw new Error(answer.error);
    return Buffer.from(answer.token, "hex");
  }
}
