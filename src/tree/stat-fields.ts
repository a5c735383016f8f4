// Where the fields are in a Stat as clients see it.

export const CZXID = 0;
export const MZXID = 8;
export const CTIME = 16;
export const MTIME = 24;
export const VERSION = 32;
export const CVERSION = 36;
export const AVERSION = 40;
export const EPHEMERAL_OWNER = 44;
export const DATA_LENGTH = 52;
export const NUM_CHILDREN = 56;
export const PZXID = 60;
