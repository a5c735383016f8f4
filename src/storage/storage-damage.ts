/** A file's bytes are not what was written: never ours to guess at. Caught where a file is tried, never further up. */
export class StorageDamage extends Error {
  override readonly name = "StorageDamage";
}
