// Where the records of a log are in a page: numbers, RECORD_NUMBERS for each.

export const RECORD_NUMBERS = 4;
export const RECORD_OFFSET = 0;
export const PAYLOAD_START = 1;
export const PAYLOAD_END = 2;
export const RECORD_ZXID = 3;

/** Records whose checksums are right, one behind the other, and their page. */
export interface NotedRecords {
  readonly page: Buffer;
  readonly notes: Float64Array;
  readonly count: number;
}
