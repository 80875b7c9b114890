import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import { universal } from "../../../../fixtures/formats/make/apple.ts";
import { isBroken } from "../broken.ts";
import { machineArchitectures, machineName } from "./machine.ts";
import { readMachO } from "./mach-o.ts";

const slices = [
  { cpu: 0x0100000c, variant: 2, encrypted: false },
  { cpu: 12, variant: 11, encrypted: true },
] as const;
const file = new Uint8Array(universal(slices, "example.lantern", { "get-task-allow": true }));

describe("mach-o", () => {
  it("reads every slice of a universal file", async () => {
    const read = await readMachO(memorySource(file), { maxDepth: 64, readableBytes: file.length });
    assert.deepEqual(
      read.map(({ machine, encrypted }) => [machine, encrypted]),
      [
        ["arm64e", false],
        ["armv7s", true],
      ],
    );
    assert.equal(read[0]?.signature?.identifier, "example.lantern");
    assert.deepEqual({ ...read[1]?.signature?.entitlements }, { "get-task-allow": true });
  });

  it("says what lies beyond what it may read", async () => {
    const read = await readMachO(memorySource(file), { maxDepth: 64, readableBytes: 5000 });
    assert.deepEqual(
      read.map(({ machine, signature }) => [machine, signature]),
      [
        ["arm64e", undefined],
        ["armv7s", undefined],
      ],
    );
    assert.ok(read.every(({ signatureProblem }) => signatureProblem?.includes("5000")));
  });

  it("keeps what it knows when the signature is damaged", async () => {
    const damaged = Buffer.from(file);
    damaged.writeUInt32BE(0, damaged.indexOf(Buffer.from("fade0cc0", "hex")));
    const [first] = await readMachO(memorySource(new Uint8Array(damaged)), { maxDepth: 64, readableBytes: file.length });
    assert.equal(first?.machine, "arm64e");
    assert.match(first?.signatureProblem ?? "", /super blob/);
  });

  it("refuses what is no executable", async () => {
    await assert.rejects(readMachO(memorySource(new Uint8Array(100)), { maxDepth: 64, readableBytes: 100 }), isBroken);
    await assert.rejects(readMachO(memorySource(file.subarray(0, 40)), { maxDepth: 64, readableBytes: 40 }), isBroken);
  });

  it("counts variants as their family", () => {
    assert.deepEqual(machineArchitectures(["arm64e", "armv7s", "x86_64", "i386", "armv6", "ppc"]), ["x86", "x64", "arm64", "armv7"]);
    assert.equal(machineName(0x12345678, 0), "cpu-305419896");
  });
});
