// Memory that begins where a page of the processor does, as the system wants it of writes that avoid its cache (O_DIRECT).
//
// Node has no call for it. But an ArrayBuffer that may be resized the engine gets from the system in whole pages, and not from
// malloc as any other. That is not documented: where it is not so, the system refuses the write, and file.ts writes as ever.

type ResizableArrayBuffer = new (bytes: number, options: { maxByteLength: number }) => ArrayBuffer;

export function alignedBuffer(bytes: number): Buffer {
  return Buffer.from(new (ArrayBuffer as ResizableArrayBuffer)(bytes, { maxByteLength: bytes }));
}
