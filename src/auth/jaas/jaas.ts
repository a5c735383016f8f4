// A JAAS file: who this server, this client or this member is, and whom a server knows. Java:
// javax.security.auth.login.Configuration, sun.security.provider.ConfigFile.
//
//   file    = section*
//   section = name "{" (module flag (key "=" value)* ";")* "}" ";"        flag: required requisite sufficient optional
//
//   Server {
//     org.apache.zookeeper.server.auth.DigestLoginModule required
//     user_super="adminsecret"
//     user_bob="bobsecret";
//   };
//
// `${name}` in a value is the system property of that name, `${/}` a slash. Messages are Java's, because operators look for
// them.

import { JaasTokens, type Token } from "./tokens.js";

export type ControlFlag = "REQUIRED" | "REQUISITE" | "SUFFICIENT" | "OPTIONAL";

/** Java: AppConfigurationEntry. */
export interface LoginModuleEntry {
  readonly moduleName: string;
  readonly flag: ControlFlag;
  readonly options: ReadonlyMap<string, string>;
}

/** Sections by name (null: Java takes a section whose name is no word, too). One without modules is as good as none. */
export type JaasConfiguration = ReadonlyMap<string | null, readonly LoginModuleEntry[]>;

export class JaasError extends Error {
  override readonly name = "JaasError";
}

const FLAGS: readonly string[] = ["REQUIRED", "REQUISITE", "SUFFICIENT", "OPTIONAL"];

/** Throws JaasError. */
export function parseJaas(
  text: string,
  properties: ReadonlyMap<string, string> = new Map(),
): JaasConfiguration {
  return new JaasParser(text, properties).parse();
}

/** A section's modules; undefined where there is no such section, or nothing in it. */
export function jaasSection(
  configuration: JaasConfiguration,
  name: string,
): readonly LoginModuleEntry[] | undefined {
  const entries = configuration.get(name);
  return entries === undefined || entries.length === 0 ? undefined : entries;
}

class JaasParser {
  readonly #tokens: JaasTokens;
  readonly #properties: ReadonlyMap<string, string>;
  #ahead: Token;

  constructor(text: string, properties: ReadonlyMap<string, string>) {
    this.#tokens = new JaasTokens(text);
    this.#properties = properties;
    this.#ahead = this.#tokens.next();
  }

  parse(): JaasConfiguration {
    const sections = new Map<string | null, readonly LoginModuleEntry[]>();
    while (this.#ahead.kind !== "end") {
      const name = this.#ahead.text;
      this.#advance();
      this.#symbol("{");
      const entries: LoginModuleEntry[] = [];
      while (!this.#isAt("}")) entries.push(this.#module());
      this.#symbol("}");
      this.#symbol(";");
      if (sections.has(name)) {
        throw failure(`\n\tCan not specify multiple entries for ${name}`);
      }
      sections.set(name, entries);
    }
    return sections;
  }

  #module(): LoginModuleEntry {
    const moduleName = this.#value("module class name");
    const flag = this.#value("controlFlag").toUpperCase();
    if (!FLAGS.includes(flag)) throw failure(`\n\tInvalid control flag, ${flag}`);
    const options = new Map<string, string>();
    while (!this.#isAt(";")) {
      const key = this.#value("option key");
      this.#symbol("=");
      options.set(key, this.#expand(this.#value("option value")));
    }
    this.#advance();
    return { moduleName, flag: flag as ControlFlag, options };
  }

  #advance(): void {
    this.#ahead = this.#tokens.next();
  }

  #isAt(symbol: string): boolean {
    return this.#ahead.kind === "other" && this.#ahead.character === symbol;
  }

  #value(wanted: string): string {
    const token = this.#ahead;
    if (token.kind === "end") throw endOfFile(wanted);
    if (token.kind === "other") throw this.#unexpected(wanted, token);
    this.#advance();
    return token.text;
  }

  #symbol(wanted: string): void {
    const token = this.#ahead;
    if (token.kind === "end") throw endOfFile(wanted);
    if (!this.#isAt(wanted)) throw this.#unexpected(wanted, token);
    this.#advance();
  }

  #unexpected(wanted: string, token: Exclude<Token, { readonly kind: "end" }>): JaasError {
    const where = `\n\tLine ${this.#tokens.line}: expected [${wanted}]`;
    const isOneOfOurs = token.kind === "other" && /^[{};=]$/.test(token.character);
    return failure(isOneOfOurs ? where : `${where}, found [${token.text}]`);
  }

  /** Java: PropertyExpander. What stands in double braces is for somebody else, and stays. */
  #expand(value: string): string {
    let expanded = "";
    let at = 0;
    for (;;) {
      const start = value.indexOf("${", at);
      if (start < 0) break;
      expanded += value.slice(at, start);
      if (value[start + 2] === "{") {
        const end = value.indexOf("}}", start + 3);
        at = end < 0 ? value.length : end + 2;
        expanded += value.slice(start, at);
        continue;
      }
      const end = value.indexOf("}", start + 2);
      if (end < 0) {
        at = start;
        break;
      }
      expanded += this.#property(value.slice(start + 2, end));
      at = end + 1;
    }
    expanded += value.slice(at);
    if (value !== "" && expanded === "") {
      const where = `Line ${this.#tokens.line}: system property [${value}]`;
      throw failure(`\n\t${where} expanded to empty value`);
    }
    return expanded;
  }

  #property(name: string): string {
    if (name === "/") return "/";
    const value = this.#properties.get(name);
    if (value === undefined) throw new JaasError(`unable to expand property ${name}`);
    return value;
  }
}

function endOfFile(wanted: string): JaasError {
  return failure(`\n\texpected [${wanted}], read [end of file]`);
}

function failure(what: string): JaasError {
  return new JaasError(`Configuration Error:${what}`);
}
