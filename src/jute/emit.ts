// From the description of records to TypeScript. Java: JRecord.genJavaCode.
//
// For each class X: an interface X, readX and writeX. For each vector or map that occurs: a pair of functions that the
// records share. The generated code is straight: one call of the runtime per field, in the order of the fields, and object
// literals whose shape is always the same, which is what the engine compiles best.

import type { JuteField, JuteFile, JuteRecord, JuteType } from "./parse.js";
import { minimumBytes } from "./parse.js";

const LINE_WIDTH = 100;

export interface EmitOptions {
  /** What the generated file was made from: named in its first line. */
  readonly sourceName: string;
  /** Where the generated file finds the runtime, without the file's name: "../jute". */
  readonly runtime: string;
}

export function emitTypeScript(file: JuteFile, options: EmitOptions): string {
  const parts = [header(file, options)];
  for (const record of file.records.values()) parts.push(emitRecord(file, record));
  const collections = new Map<string, string>();
  for (const record of file.records.values()) {
    for (const field of record.fields) emitCollections(file, field.type, collections);
  }
  parts.push(...collections.values());
  return `${parts.join("\n\n")}\n`;
}

function header(file: JuteFile, options: EmitOptions): string {
  const used = new Set<string>();
  for (const record of file.records.values()) {
    for (const field of record.fields) {
      if (field.holding !== undefined && file.brands.has(field.holding)) used.add(field.holding);
    }
  }
  const namesByModule = new Map<string, string[]>();
  for (const brand of file.brands.values()) {
    if (!used.has(brand.name)) continue;
    const names = namesByModule.get(brand.from) ?? [];
    namesByModule.set(brand.from, [...names, brand.name].sort());
  }
  return [
    `// Generated from ${options.sourceName} by src/jute. Do not edit: change the source and run \`npm run jute\`.`,
    "",
    `import type { JuteReader } from "${options.runtime}/reader.js";`,
    `import type { JuteWriter } from "${options.runtime}/writer.js";`,
    ...[...namesByModule].map(
      ([from, names]) => `import type { ${names.join(", ")} } from "${from}";`,
    ),
  ].join("\n");
}

function emitRecord(file: JuteFile, record: JuteRecord): string {
  const { name, fields } = record;
  const lines = documentation(`${record.module}.${name}`, record.comment);
  lines.push(`export interface ${name} {`);
  for (const field of fields) {
    if (field.comment !== "") lines.push(`  /** ${field.comment} */`);
    lines.push(`  ${field.name}${field.trailing ? "?" : ""}: ${fieldTypeOf(field)};`);
  }
  lines.push("}", "");

  const unused = fields.length === 0 ? "_" : "";
  lines.push(signature(`read${name}`, [`${unused}reader: JuteReader`], name));
  lines.push("  return {");
  for (const field of fields) lines.push(`    ${field.name}: ${readField(file, field)},`);
  lines.push("  };", "}", "");

  const parameters = [`${unused}out: JuteWriter`, `${unused}record: ${name}`];
  lines.push(signature(`write${name}`, parameters, "void"));
  for (const field of fields) lines.push(`  ${writeField(file, field)}`);
  lines.push("}");
  return lines.join("\n");
}

/** In one line where it fits. */
function documentation(subject: string, comment: string): string[] {
  const line = `/** ${subject}${comment === "" ? "" : `: ${comment}`} */`;
  if (line.length <= LINE_WIDTH) return [line];
  return ["/**", ` * ${subject}:`, ` * ${comment}`, " */"];
}

function signature(name: string, parameters: readonly string[], result: string): string {
  const line = `export function ${name}(${parameters.join(", ")}): ${result} {`;
  if (line.length <= LINE_WIDTH) return line;
  const indented = parameters.map((parameter) => `  ${parameter},`);
  return [`export function ${name}(`, ...indented, `): ${result} {`].join("\n");
}

function fieldTypeOf(field: JuteField): string {
  const type = field.holding ?? typeOf(field.type);
  return field.trailing ? `${type} | undefined` : type;
}

function typeOf(type: JuteType): string {
  switch (type.kind) {
    case "record":
      return type.name;
    case "vector":
      return `${bracketed(typeOf(type.item))}[] | null`;
    case "map":
      return `Map<${typeOf(type.key)}, ${typeOf(type.value)}>`;
    case "primitive":
      switch (type.name) {
        case "boolean":
          return "boolean";
        case "ustring":
          return "string | null";
        case "buffer":
          return "Buffer | null";
        default:
          return "number";
      }
  }
}

function bracketed(type: string): string {
  return type.includes("|") ? `(${type})` : type;
}

function readField(file: JuteFile, field: JuteField): string {
  const value = readValue(file, field);
  return field.trailing ? `reader.remaining > 0 ? ${value} : undefined` : value;
}

function readValue(file: JuteFile, field: JuteField): string {
  if (field.holding === undefined) return readType(field.type);
  const brand = file.brands.get(field.holding);
  if (!brand) return "reader.bigLong()";
  return `reader.${brand.base === "bigint" ? "bigLong" : "long"}() as ${brand.name}`;
}

function writeField(file: JuteFile, field: JuteField): string {
  const value = `record.${field.name}`;
  const statement = writeValue(file, field, value);
  return field.trailing ? `if (${value} !== undefined) ${statement}` : statement;
}

function writeValue(file: JuteFile, field: JuteField, value: string): string {
  if (field.holding === undefined) return writeType(field.type, value);
  const isBig = (file.brands.get(field.holding)?.base ?? "bigint") === "bigint";
  return `out.${isBig ? "bigLong" : "long"}(${value});`;
}

function readType(type: JuteType): string {
  if (type.kind === "primitive") return `reader.${methodOf(type.name)}()`;
  return `read${functionSuffix(type)}(reader)`;
}

function writeType(type: JuteType, value: string): string {
  if (type.kind === "primitive") return `out.${methodOf(type.name)}(${value});`;
  return `write${functionSuffix(type)}(out, ${value});`;
}

function methodOf(primitive: string): string {
  if (primitive === "boolean") return "bool";
  return primitive === "ustring" ? "string" : primitive;
}

/** ACL, ACLVector, UstringVector, UstringToIntMap. */
function functionSuffix(type: JuteType): string {
  switch (type.kind) {
    case "record":
      return type.name;
    case "primitive":
      return type.name.charAt(0).toUpperCase() + type.name.slice(1);
    case "vector":
      return `${functionSuffix(type.item)}Vector`;
    case "map":
      return `${functionSuffix(type.key)}To${functionSuffix(type.value)}Map`;
  }
}

function emitCollections(file: JuteFile, type: JuteType, done: Map<string, string>): void {
  if (type.kind === "vector") {
    emitCollections(file, type.item, done);
    done.set(functionSuffix(type), emitVector(file, type));
  } else if (type.kind === "map") {
    emitCollections(file, type.key, done);
    emitCollections(file, type.value, done);
    done.set(functionSuffix(type), emitMap(file, type));
  }
}

function emitVector(file: JuteFile, type: JuteType & { kind: "vector" }): string {
  const suffix = functionSuffix(type);
  const items = typeOf(type);
  const written = `items: readonly ${items}`;
  return `${signature(`read${suffix}`, ["reader: JuteReader"], items)}
  const length = reader.vectorLength(${minimumBytes(file, type.item)});
  if (length < 0) return null;
  const items: ${bracketed(typeOf(type.item))}[] = [];
  for (let i = 0; i < length; i++) items.push(${readType(type.item)});
  return items;
}

${signature(`write${suffix}`, ["out: JuteWriter", written], "void")}
  if (items === null) {
    out.int(-1);
    return;
  }
  out.int(items.length);
  for (const item of items) ${writeType(type.item, "item")}
}`;
}

function emitMap(file: JuteFile, type: JuteType & { kind: "map" }): string {
  const suffix = functionSuffix(type);
  const entry = minimumBytes(file, type.key) + minimumBytes(file, type.value);
  const [key, value] = [typeOf(type.key), typeOf(type.value)];
  const written = `entries: ReadonlyMap<${key}, ${value}>`;
  return `${signature(`read${suffix}`, ["reader: JuteReader"], `Map<${key}, ${value}>`)}
  const length = reader.vectorLength(${entry});
  const entries = new Map<${key}, ${value}>();
  for (let i = 0; i < length; i++) {
    const key = ${readType(type.key)};
    entries.set(key, ${readType(type.value)});
  }
  return entries;
}

${signature(`write${suffix}`, ["out: JuteWriter", written], "void")}
  out.int(entries.size);
  for (const [key, value] of entries) {
    ${writeType(type.key, "key")}
    ${writeType(type.value, "value")}
  }
}`;
}
