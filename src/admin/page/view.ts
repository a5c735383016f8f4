// What the page's views have in common.

/** What a view shows; `status` where it is not 200. */
export interface View {
  readonly status?: number;
  readonly content: object;
}

/** The first row that is wanted. */
export function offsetOf(query: ReadonlyMap<string, string>): number {
  const text = query.get("offset") ?? "0";
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
