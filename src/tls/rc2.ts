// RC2 with 40 bits (RFC 2268), decryption only: what keytool before Java 9 and openssl before 3 hid the certificates of PKCS12
// files with. OpenSSL 3, on which Node stands, no longer has it. It hides nothing from anybody, but the files are still there.

const PI = Buffer.from(
  "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2" +
    "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82" +
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626" +
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7" +
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec" +
    "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731" +
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9" +
    "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad",
  "hex",
);

const BLOCK_BYTES = 8;
const ROTATIONS = [1, 2, 3, 5] as const;

/** CBC, without looking at the padding. */
export function decryptRc2Cbc(key: Buffer, initial: Buffer, bytes: Buffer): Buffer {
  const words = expandKey(key);
  const plain = Buffer.alloc(bytes.length - (bytes.length % BLOCK_BYTES));
  let before = initial;
  for (let at = 0; at < plain.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    decryptBlock(words, block, plain, at);
    for (let i = 0; i < BLOCK_BYTES; i++) plain[at + i] = plain[at + i]! ^ before[i]!;
    before = block;
  }
  return plain;
}

/** The effective length of the key is its own. */
function expandKey(key: Buffer): Uint16Array {
  const bytes = Buffer.alloc(128);
  key.copy(bytes);
  const length = key.length;
  for (let i = length; i < 128; i++) bytes[i] = PI[(bytes[i - 1]! + bytes[i - length]!) & 0xff]!;
  bytes[128 - length] = PI[bytes[128 - length]!]!;
  for (let i = 127 - length; i >= 0; i--) bytes[i] = PI[bytes[i + 1]! ^ bytes[i + length]!]!;
  const words = new Uint16Array(64);
  for (let i = 0; i < 64; i++) words[i] = bytes.readUInt16LE(2 * i);
  return words;
}

function decryptBlock(key: Uint16Array, block: Buffer, target: Buffer, at: number): void {
  const r = [0, 2, 4, 6].map((offset) => block.readUInt16LE(offset)) as [
    number,
    number,
    number,
    number,
  ];
  let next = 63;
  const mix = (): void => {
    for (let i = 3; i >= 0; i--) {
      const turn = ROTATIONS[i]!;
      const turned = ((r[i]! >>> turn) | (r[i]! << (16 - turn))) & 0xffff;
      const [a, b, c] = [r[(i + 3) & 3]!, r[(i + 2) & 3]!, r[(i + 1) & 3]!];
      r[i] = (turned - key[next--]! - (a & b) - (~a & c)) & 0xffff;
    }
  };
  const mash = (): void => {
    for (let i = 3; i >= 0; i--) r[i] = (r[i]! - key[r[(i + 3) & 3]! & 63]!) & 0xffff;
  };
  for (let i = 0; i < 5; i++) mix();
  mash();
  for (let i = 0; i < 6; i++) mix();
  mash();
  for (let i = 0; i < 5; i++) mix();
  for (let i = 0; i < 4; i++) target.writeUInt16LE(r[i]!, at + 2 * i);
}
