import { DistError } from "@distd/core";

/** Throws `usage/invalid` for what is not valid percent-encoding. */
export function decodePath(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new DistError("usage/invalid", "the address is not valid percent-encoding", { cause });
  }
}
