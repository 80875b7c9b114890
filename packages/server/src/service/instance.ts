import type { KeyObject } from "node:crypto";
import type { Action, ByteSource, Principal } from "@distd/core";
import type { Inspection } from "@distd/inspect";
import type { BlobStore } from "../blobs/blob-store.ts";
import type { Verdict } from "@distd/inspect/verify";
import type { Database } from "../db/database.ts";
import type { Log } from "../log.ts";
import type { Mail } from "../mail/mail.ts";
import type { VerifyRequest } from "../sandbox/child-process.ts";

/** What every service stands on. Made once, in serve.ts; tests make their own. */
export interface Instance {
  readonly db: Database;
  readonly blobs: BlobStore;
  /** Ed25519; signs channel documents and audit checkpoints. */
  readonly key: KeyObject;
  /** Name of the instance and its log, without spaces. */
  readonly origin: string;
  /** Without a trailing slash; every absolute address begins with it. */
  readonly baseUrl: string;
  /** How long bytes stay without a release that holds them. */
  readonly leaseMs: number;
  /** Reads bytes nobody has vouched for. */
  inspect(source: ByteSource, fileName: string): Promise<Inspection>;
  /** Verifies them again, with keys and with what lies beside. */
  verify(request: VerifyRequest): Promise<Verdict>;
  /** Undefined: the server sends no mail. */
  readonly mail: Mail | undefined;
  /** Makes this the only collection of garbage among all processes that share the data; undefined when there is one. */
  lockCollection(): (() => void) | undefined;
  readonly log: Log;
  /** Milliseconds since 1970. */
  now(): number;
  /** Called after each committed change. */
  changed(): void;
}

/** Who asks, and under which Idempotency-Key. */
export interface Caller {
  readonly principal: Principal;
  readonly idempotency?: { readonly key: string; readonly fingerprint: string };
}

export const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export type { Action };
