/**
 * Whether the system is to keep in its memory what is written or read. "avoided": nobody will read it soon. A write then goes past
 * that memory, if its position and length are multiples of ALIGNED_BYTES and its bytes the beginning of an aligned buffer
 * (`Disk.alignedBuffer`), and if the file system can do it; any other goes as ever.
 */
export type CacheUse = "wanted" | "avoided";

export const ALIGNED_BYTES = 4096;
