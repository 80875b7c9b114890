import { ARCHITECTURES, type Architecture, parseArchitecture } from "@distd/core";

/** mach/machine.h: processor and, in the low 24 bits, its variant. */
const MACHINES: ReadonlyMap<number, string> = new Map([
  [7, "i386"],
  [12, "arm"],
  [18, "ppc"],
  [0x01000007, "x86_64"],
  [0x0100000c, "arm64"],
  [0x01000012, "ppc64"],
  [0x0200000c, "arm64_32"],
]);
const ARM_VARIANTS: ReadonlyMap<number, string> = new Map([
  [6, "armv6"],
  [9, "armv7"],
  [11, "armv7s"],
  [12, "armv7k"],
]);
const ARM64E = 2;

/** As Apple's own tools call it. */
export function machineName(type: number, subtype: number): string {
  const name = MACHINES.get(type) ?? `cpu-${type}`;
  const variant = subtype & 0x00ffffff;
  if (name === "arm") return ARM_VARIANTS.get(variant) ?? "arm";
  return name === "arm64" && variant === ARM64E ? "arm64e" : name;
}

/** Variants that run what their family runs. armv6 is older than any word we have. */
const FAMILIES: Readonly<Record<string, string>> = { arm64e: "arm64", armv7s: "armv7", armv7k: "armv7" };

/** In our words, each once, in their order; machines we have no word for are left out. */
export function machineArchitectures(machines: readonly string[]): readonly Architecture[] {
  const known = new Set(machines.map((machine) => parseArchitecture(FAMILIES[machine] ?? machine)));
  return ARCHITECTURES.filter((architecture) => architecture !== "any" && known.has(architecture));
}
