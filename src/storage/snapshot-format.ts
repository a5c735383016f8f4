// The bytes of a snapshot. Java: FileSnap, SnapStream, SerializeUtils.serializeSnapshot, DataTree.serialize.
//
//   header    "ZKSN", int version 2, long dbid -1
//   sessions  int count, ( long id, int timeout )*
//   ACLs      int count, ( long id, vector<ACL> )*
//   nodes     ( ustring path, buffer data, long acl, StatPersisted )*, ustring "/"      the root's path is ""
//   seal      long Adler32 of all before, ustring "/"
//   digest    long zxid, int version, long digest, seal        3.6 and later, where digests are enabled
//   zxid      long lastProcessedZxid, seal                     3.9 and later, where enabled
//
// Each seal's checksum covers everything before it, earlier seals included. So the length of what follows the first seal
// tells which parts are there: Java asks its own settings instead, and cannot read a snapshot that was written with others.

export const SNAPSHOT_MAGIC = 0x5a4b534e;
export const SNAPSHOT_VERSION = 2;
export const SNAPSHOT_HEADER_BYTES = 16;

export const SEAL_BYTES = 13;
export const DIGEST_PART_BYTES = 20 + SEAL_BYTES;
export const ZXID_PART_BYTES = 8 + SEAL_BYTES;

export const STAT_PERSISTED_BYTES = 60;
