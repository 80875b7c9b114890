import type { Problem } from "@distd/core";
import type { Inspection } from "@distd/inspect";

/** What server and child say to each other about the one artifact the child is reading. The child has no file; it asks for bytes. */
export type ToChild =
  | { readonly kind: "inspect"; readonly name: string; readonly size: number }
  | { readonly kind: "bytes"; readonly read: number; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly read: number };

export type FromChild =
  | { readonly kind: "ready" }
  | { readonly kind: "read"; readonly read: number; readonly offset: number; readonly length: number }
  | { readonly kind: "inspected"; readonly inspection: Inspection }
  | { readonly kind: "refused"; readonly problem: Problem };
