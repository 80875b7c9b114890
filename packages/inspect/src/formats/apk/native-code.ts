import { ARCHITECTURES, type Architecture, parseArchitecture } from "@distd/core";
import type { Zip } from "../../zip/open-zip.ts";

/** Names of the folders under `lib/` that hold something, sorted: Android's own words for processors. */
export function findNativeAbis(zip: Zip): readonly string[] {
  const abis = new Set<string>();
  for (const { name } of zip.entries) {
    const [lib, abi, ...rest] = name.split("/", 4);
    if (lib === "lib" && abi !== undefined && rest.join("/") !== "") abis.add(abi);
  }
  return [...abis].sort();
}

/** The same in our words; `any` when there is no native code. What we have no word for (mips, riscv64) is left out. */
export function toArchitectures(abis: readonly string[]): readonly Architecture[] {
  if (abis.length === 0) return ["any"];
  const known = new Set(abis.map(parseArchitecture));
  return ARCHITECTURES.filter((architecture) => architecture !== "any" && known.has(architecture));
}
