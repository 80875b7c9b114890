import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readJsonLines } from "./json-lines.ts";

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

const read = (text: string, size = 7): Promise<unknown[]> => Array.fromAsync(readJsonLines(cut(text, size)));

describe("JSON lines", () => {
  it("come out as they went in, wherever they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.json({ noUnicodeString: false })),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom("\n", "\r\n"),
        async (lines, size, end) => {
          const values = lines.map((line): unknown => JSON.parse(line));
          assert.deepEqual(await read(values.map((value) => JSON.stringify(value) + end).join(""), size), values);
        },
      ),
    );
  });

  it("need no line end after the last", async () => {
    assert.deepEqual(await read('{"a":1}\n\n{"b":2}'), [{ a: 1 }, { b: 2 }]);
  });

  it("that are none are an error", async () => {
    await assert.rejects(read("<html>\n"), { code: "runtime/failed" });
    await assert.rejects(read(`"${"x".repeat(9_000_000)}`, 65_536), { code: "runtime/failed" });
  });
});
