export type Handle = bigint & { readonly handle: true };
