import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createDemultiplexer } from "./demultiplexer.ts";

type Frame = readonly [stream: number, payload: Uint8Array];

function encode(frames: readonly Frame[]): Buffer {
  return Buffer.concat(
    frames.flatMap(([stream, payload]) => {
      const header = Buffer.alloc(8);
      header[0] = stream;
      header.writeUInt32BE(payload.length, 4);
      return [header, payload];
    }),
  );
}

const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 })), { maxLength: 12 });

/** The bytes of each stream, after pushing pieces of the given sizes. */
function read(bytes: Buffer, sizes: readonly number[]): Record<"stdout" | "stderr", Buffer> {
  const demultiplexer = createDemultiplexer();
  const got = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  let offset = 0;
  for (const size of [...sizes, bytes.length]) {
    for (const chunk of demultiplexer.push(bytes.subarray(offset, offset + size)))
      got[chunk.stream] = Buffer.concat([got[chunk.stream], chunk.bytes]);
    offset += size;
  }
  demultiplexer.end();
  return got;
}

describe("demultiplexer", () => {
  it("gives every stream its bytes, wherever frames are cut", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 0, max: 20 })), (made, sizes) => {
        const of = (wanted: number): Buffer => Buffer.concat(made.filter(([stream]) => stream === wanted).map(([, payload]) => payload));
        assert.deepEqual(read(encode(made), sizes), { stdout: of(1), stderr: of(2) });
      }),
    );
  });

  it("keeps the order across streams", () => {
    const order = (bytes: Buffer): string[] =>
      createDemultiplexer()
        .push(bytes)
        .map(({ stream, bytes: payload }) => `${stream} ${Buffer.from(payload).toString()}`);
    const text = (value: string): Uint8Array => Buffer.from(value);
    assert.deepEqual(
      order(
        encode([
          [1, text("a")],
          [2, text("b")],
          [1, text("c")],
        ]),
      ),
      ["stdout a", "stderr b", "stdout c"],
    );
  });

  it("hands on a payload as it comes, also one of 4 GiB", () => {
    const demultiplexer = createDemultiplexer();
    assert.deepEqual(demultiplexer.push(Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 65])), [
      { stream: "stdout", bytes: Buffer.from("A") },
    ]);
  });

  it("says when the bytes end inside a frame, at any place", () => {
    const whole = encode([[1, Buffer.from("text")]]);
    for (let length = 1; length < whole.length; length++)
      assert.throws(() => read(whole.subarray(0, length), []), { code: "runtime/failed" }, String(length));
  });

  it("throws what the daemon says of itself, and refuses a stream that is none", () => {
    assert.throws(() => read(encode([[3, Buffer.from("disk is gone\n")]]), []), { code: "runtime/failed", message: "disk is gone" });
    assert.throws(() => read(encode([[7, Buffer.from("x")]]), []), { code: "runtime/failed" });
  });
});
