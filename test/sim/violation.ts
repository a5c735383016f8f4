/** What must hold does not: the run ends with it. */
export class Violation extends Error {
  override readonly name = "Violation";
}

export function must(condition: boolean, what: () => string): asserts condition {
  if (!condition) throw new Violation(what());
}
