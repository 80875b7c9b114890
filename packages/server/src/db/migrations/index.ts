import type { Kysely } from "kysely";
import type { DatabaseTraits } from "../database.ts";
import * as core from "./0001-core.ts";
import * as repositories from "./0002-repositories.ts";
import * as testers from "./0004-testers.ts";
import * as offersAndKeys from "./0003-offers-and-keys.ts";

export interface Migration {
  readonly name: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a migration describes tables that the types of today may no longer have
  up(db: Kysely<any>, traits: DatabaseTraits): Promise<void>;
}

/** In order. A released migration never changes. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "0001-core", up: core.up },
  { name: "0002-repositories", up: repositories.up },
  { name: "0003-offers-and-keys", up: offersAndKeys.up },
  { name: "0004-testers", up: testers.up },
];
