import type { Stat } from "../../wire/records.js";

/** What was said to one part of a transaction or of a multiple read. Java: OpResult. */
export type MultiResult =
  | { readonly kind: "create"; readonly path: string; readonly stat: Stat | undefined }
  | { readonly kind: "delete" }
  | { readonly kind: "setData"; readonly stat: Stat }
  | { readonly kind: "check" }
  | { readonly kind: "getData"; readonly data: Buffer | null; readonly stat: Stat }
  | { readonly kind: "getChildren"; readonly children: string[] }
  | { readonly kind: "error"; readonly error: number };
