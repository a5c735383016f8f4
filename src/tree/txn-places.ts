// Where in a page of the log a txn has what the tree takes of its header.

export interface TxnPlaces {
  readonly zxidAt: number;
  readonly timeAt: number;
}
