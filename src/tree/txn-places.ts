// Where a page of the log, or of a snapshot, has what the tree takes of it.

import type { ACL } from "../wire/records.js";

/** What a node has that nobody owns and nothing has happened to. */
export interface NewNodePlaces {
  readonly zxidAt: number;
  readonly timeAt: number;
  /** The data are `page[dataStart, dataStart + dataLength)`; null where dataLength is -1. */
  readonly dataStart: number;
  readonly dataLength: number;
}

/** A txn that creates one. */
export interface CreatePlaces extends NewNodePlaces {
  /** The path is `page[pathStart, pathEnd)`. */
  readonly pathStart: number;
  readonly pathEnd: number;
  readonly acl: readonly ACL[] | null;
  readonly parentCversion: number;
  /** The path is ASCII, and what follows has been computed already. */
  readonly isKnown: boolean;
  readonly slash: number;
  readonly pathHash: number;
  readonly pathCrc: number;
  /** The whole digest of the new node. */
  readonly nodeCrc: number;
}
