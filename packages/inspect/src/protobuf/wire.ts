// Protocol buffers on the wire (protobuf.dev, "Encoding"): fields of number and kind, then a varint, 4 or 8 bytes, or a length and bytes.
// There is no schema here: callers know their messages' field numbers. Groups, long deprecated, are refused.
import { ByteReader, decodeUtf8 } from "@distd/core";
import { broken } from "../broken.ts";

const MAX_VARINT_BYTES = 10;
const MAX_FIELDS = 1_000_000;

export interface Field {
  readonly number: number;
  /** Of length-delimited fields. */
  readonly bytes?: Uint8Array;
  /** Of all others. */
  readonly value?: bigint;
}

/** The fields in order, unknown ones included. */
export function* fieldsOf(message: Uint8Array): Generator<Field, void, undefined> {
  const reader = new ByteReader(message, { littleEndian: true });
  for (let count = 0; reader.left > 0; count += 1) {
    if (count === MAX_FIELDS) throw broken(`protobuf: more than ${MAX_FIELDS} fields`);
    const key = varint(reader);
    const number = Number(key >> 3n);
    if (number === 0 || number > 0x1fffffff) throw broken("protobuf: a field of an impossible number");
    switch (key & 7n) {
      case 0n:
        yield { number, value: varint(reader) };
        break;
      case 1n:
        reader.skip(8);
        yield { number, value: 0n };
        break;
      case 2n:
        yield { number, bytes: reader.take(Number(varint(reader))) };
        break;
      case 5n:
        yield { number, value: BigInt(reader.u32()) };
        break;
      default:
        throw broken("protobuf: a field of an unknown kind");
    }
  }
}

/** The messages, texts or byte strings with this number, one at a time: where there are many, they need not all be held. */
export function* eachMessageAt(message: Uint8Array | undefined, number: number): Generator<Uint8Array, void, undefined> {
  if (message === undefined) return;
  for (const field of fieldsOf(message)) if (field.number === number && field.bytes !== undefined) yield field.bytes;
}

/** The same as a list. */
export function messagesAt(message: Uint8Array | undefined, number: number): readonly Uint8Array[] {
  return [...eachMessageAt(message, number)];
}

/** Of a field that is there once; the last counts where it is there more often, as in every implementation. */
export function messageAt(message: Uint8Array | undefined, number: number): Uint8Array | undefined {
  let last: Uint8Array | undefined;
  for (const found of eachMessageAt(message, number)) last = found;
  return last;
}

export function textAt(message: Uint8Array | undefined, number: number): string | undefined {
  const bytes = messageAt(message, number);
  return bytes === undefined || bytes.length === 0 ? undefined : decodeUtf8(bytes);
}

export function numberAt(message: Uint8Array | undefined, number: number): bigint | undefined {
  let found: bigint | undefined;
  if (message !== undefined) for (const field of fieldsOf(message)) if (field.number === number) found = field.value ?? found;
  return found;
}

function varint(reader: ByteReader): bigint {
  // Most numbers are short; big integers cost ten times as much.
  let short = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = reader.u8();
    short |= (byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt(short);
  }
  return longVarint(reader, BigInt(short));
}

function longVarint(reader: ByteReader, start: bigint): bigint {
  let value = start;
  for (let count = 4; count < MAX_VARINT_BYTES; count += 1) {
    const byte = reader.u8();
    value |= BigInt(byte & 0x7f) << BigInt(7 * count);
    if (byte < 0x80) return value;
  }
  throw broken("protobuf: a number of more than 64 bits");
}
