import type { Kysely, Transaction } from "kysely";
import type { Schema } from "./schema.ts";

export type Read = Kysely<Schema>;
export type Tx = Transaction<Schema>;

/**
 * A relational engine with our schema.
 *
 * `write` MUST run its bodies one after the other, across all processes that share the data, so that a body may read and then write without
 * surprise; MUST have made the change durable (power may fail) when it resolves; MUST leave no trace when the body throws. `read` MUST NOT
 * wait for a running `write` and MUST NOT be used inside one: the body reads through its own transaction.
 */
export interface Database {
  readonly traits: DatabaseTraits;
  readonly read: Read;
  write<T>(body: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseTraits {
  readonly engine: "sqlite" | "postgres";
  /** Whether several distd processes may share the data. */
  readonly sharedByProcesses: boolean;
}
