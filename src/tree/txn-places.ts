// Where in a page of the log a txn has what the tree takes of it.

import type { ACL } from "../wire/records.js";

export interface TxnPlaces {
  readonly zxidAt: number;
  readonly timeAt: number;
}

/** Of one that creates a node. */
export interface CreatePlaces extends TxnPlaces {
  /** The path is `page[pathStart, pathEnd)`. */
  readonly pathStart: number;
  readonly pathEnd: number;
  /** The data are `page[dataStart, dataStart + dataLength)`; null where dataLength is -1. */
  readonly dataStart: number;
  readonly dataLength: number;
  readonly acl: readonly ACL[] | null;
  readonly parentCversion: number;
  /** The path is ASCII, and what follows has been computed already. */
  readonly isKnown: boolean;
  readonly pathHash: number;
  readonly pathCrc: number;
  /** Of path and data, and of them and the new node's stat: digest.ts. */
  readonly contentCrc: number;
  readonly nodeCrc: number;
}
