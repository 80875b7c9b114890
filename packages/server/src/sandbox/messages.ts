import type { Problem } from "@distd/core";
import type { Inspection } from "@distd/inspect";
import type { Trust, Verdict } from "@distd/inspect/verify";

/** A file the child may read, by its place in the list it was told; it has none of its own and asks for bytes. */
export interface NamedSize {
  readonly name: string;
  readonly size: number;
}

/** What server and child say to each other about the one artifact the child is reading, file 0, and those beside it. */
export type ToChild =
  | { readonly kind: "inspect"; readonly files: readonly NamedSize[] }
  | { readonly kind: "verify"; readonly files: readonly NamedSize[]; readonly format: string; readonly trust: Trust }
  | { readonly kind: "bytes"; readonly read: number; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly read: number };

export type FromChild =
  | { readonly kind: "ready" }
  | { readonly kind: "read"; readonly read: number; readonly file: number; readonly offset: number; readonly length: number }
  | { readonly kind: "inspected"; readonly inspection: Inspection }
  | { readonly kind: "verified"; readonly verdict: Verdict }
  | { readonly kind: "refused"; readonly problem: Problem };
