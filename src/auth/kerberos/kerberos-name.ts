// Kerberos principals, `service/host@REALM`, and the rules by which they become short names. Java: KerberosName.
//
// SASL identities pass through here whatever their mechanism: `bob` of DIGEST-MD5 is a principal without host and realm.
//
//   rules = ("DEFAULT" | "RULE:[" count ":" format "]" ["(" match ")"] ["s/" from "/" to "/" ["g"]])*
//
// The first rule that applies gives the name. DEFAULT takes principals of our own realm and drops the realm.

const NAME = /^([^/@]*)(?:\/([^/@]*))?@([^/@]*)$/;
const RULE =
  /^\s*(?:(DEFAULT)|RULE:\[(\d*):([^\]]*)](?:\(([^)]*)\))?(?:s\/([^/]*)\/([^/]*)\/(g)?)?)/;
const NOT_SIMPLE = /[/@]/;

export interface KerberosName {
  readonly service: string;
  readonly host: string | undefined;
  readonly realm: string | undefined;
}

/** Undefined for what is no principal: what has an `@` and is not of that form. */
export function parseKerberosName(text: string): KerberosName | undefined {
  const match = NAME.exec(text);
  if (match !== null) return { service: match[1]!, host: match[2], realm: match[3]! };
  if (text.includes("@")) return undefined;
  return { service: text, host: undefined, realm: undefined };
}

export function formatKerberosName({ service, host, realm }: KerberosName): string {
  return (
    service + (host === undefined ? "" : `/${host}`) + (realm === undefined ? "" : `@${realm}`)
  );
}

interface Rule {
  readonly text: string;
  /** Undefined: DEFAULT. */
  readonly change: RuleChange | undefined;
}

interface RuleChange {
  /** Of the principal, without the realm: 1, or 2 with a host. */
  readonly components: number;
  readonly format: string;
  readonly match: RegExp | undefined;
  readonly from: RegExp | undefined;
  readonly to: string;
}

export class NameRules {
  readonly #rules: readonly Rule[];
  readonly #defaultRealm: string;

  /** Throws RangeError where the rules cannot be read. */
  constructor(rules: string, defaultRealm: string) {
    this.#rules = parseRules(rules);
    this.#defaultRealm = defaultRealm;
  }

  /** Undefined where no rule applies, or the one that does gives no simple name. */
  shortName({ service, host, realm }: KerberosName): string | undefined {
    if (host === undefined && realm === undefined) return service;
    const parameters = host === undefined ? [realm!, service] : [realm!, service, host];
    for (const { change } of this.#rules) {
      const name = change === undefined ? this.#default(parameters) : apply(change, parameters);
      if (name !== undefined) return NOT_SIMPLE.test(name) ? undefined : name;
    }
    return undefined;
  }

  #default(parameters: readonly string[]): string | undefined {
    return parameters[0] === this.#defaultRealm ? parameters[1] : undefined;
  }
}

function parseRules(text: string): Rule[] {
  const rules: Rule[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const match = RULE.exec(rest);
    if (match === null) throw new RangeError(`Invalid rule: ${rest}`);
    rules.push({
      text: match[0].trim(),
      change: match[1] === undefined ? changeOf(match) : undefined,
    });
    rest = rest.slice(match[0].length);
  }
  return rules;
}

function changeOf(rule: RegExpExecArray): RuleChange {
  const [text, , count = "", format = "", match, from, to = "", global] = rule;
  if (count === "") throw new RangeError(`Invalid rule: ${text.trim()}: it has no count`);
  return {
    components: Number(count),
    format,
    match: match === undefined ? undefined : expression(`^(?:${match})$`, text),
    from: from === undefined ? undefined : expression(from, text, global),
    to,
  };
}

function expression(source: string, rule: string, flags = ""): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new RangeError(`Invalid rule: ${rule.trim()}: ${(error as Error).message}`);
  }
}

function apply(change: RuleChange, parameters: readonly string[]): string | undefined {
  if (parameters.length - 1 !== change.components) return undefined;
  const base = filled(change.format, parameters);
  if (base === undefined || change.match?.test(base) === false) return undefined;
  if (change.from === undefined) return base;
  return base.replace(change.from, (...groups: unknown[]) => substituted(change.to, groups));
}

/** `$1` is the first component, `$0` the realm. Undefined where a rule asks for one that there cannot be. */
function filled(format: string, parameters: readonly string[]): string | undefined {
  let isWrong = false;
  const text = format.replace(/\$(\d*)/g, (_whole, digits: string) => {
    const parameter = digits === "" ? undefined : parameters[Number(digits)];
    if (parameter === undefined) isWrong = true;
    return parameter ?? "";
  });
  return isWrong ? undefined : text;
}

/** A replacement in Java's syntax: `$1` is a group, a backslash takes away what the next character means. */
function substituted(to: string, groups: readonly unknown[]): string {
  return to.replace(/\\(.)|\$(\d)/g, (_whole, escaped?: string, digit?: string) =>
    escaped === undefined ? String(groups[Number(digit)] ?? "") : escaped,
  );
}
