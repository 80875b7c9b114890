import { OpenPgpError } from "./openpgp-error.ts";

/** Bytes read from the front; more than there are is an `OpenPgpError`. */
export interface ByteWindow {
  left(): number;
  take(length: number): Buffer;
  /** Big-endian, of up to four bytes. */
  number(length: number): number;
}

export function openWindow(bytes: Uint8Array): ByteWindow {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > buffer.length - at) throw new OpenPgpError("it ends too early");
    at += length;
    return buffer.subarray(at - length, at);
  };
  return { left: () => buffer.length - at, take, number: (length) => take(length).readUIntBE(0, length) };
}
