import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatBytes } from "./amounts.ts";

describe("formatBytes", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1000, "1.0 kB"],
    [18_200_000, "18.2 MB"],
    [1_000_000_000, "1.0 GB"],
    [5e15, "5000.0 TB"],
  ];
  for (const [bytes, text] of cases) it(`writes ${bytes} as ${text}`, () => assert.equal(formatBytes(bytes), text));
});
