import { DistError } from "@distd/core";
import { armoredPublicKeys, FEEDS, openPgpFingerprint } from "@distd/feeds";
import { act } from "../act.ts";
import { MAIN_ORGANIZATION } from "../apps.ts";
import { type Caller, DAY_MS, type Instance, iso } from "../instance.ts";
import { reissueGeneration } from "./cut-generation.ts";
import { restate } from "./membership.ts";
import { findRepository, type RepositoryRow } from "./repositories.ts";
import { keyId, type KeyFamily, type KeyRow, keysOf, makeKey, openPgpKey } from "./repository-keys.ts";

/** A key as people compare it: what it is for, its name in its own family, and where it stands. */
export interface KeyDocument {
  readonly repository: string;
  readonly family: KeyFamily;
  /** Forty hexadecimal digits of an OpenPGP key; `SHA256:…` as npm has it. */
  readonly fingerprint: string;
  /** `signs`: the family's own; `takes leave`: beside it until `signsUntil`; `retired`; `compromised`. */
  readonly state: "signs" | "takes leave" | "retired" | "compromised";
  readonly createdAt: string;
  readonly retiredAt: string | null;
  readonly signsUntil: string | null;
  /** For who has to pin or check it: armoured, or PEM. */
  readonly publicKey: string;
}

export interface RotateKey {
  readonly repository: string;
  readonly family: KeyFamily;
  /** How long the old key goes on signing beside the new one, where clients allow it. */
  readonly overlapDays: number;
  /** Somebody else has the old key: it signs nothing from now on, and what it signed is signed anew. */
  readonly isCompromised: boolean;
}

export const KEY_FAMILIES: readonly KeyFamily[] = ["openpgp", "ecdsa-p256"];

export async function listKeys(instance: Instance): Promise<KeyDocument[]> {
  const db = instance.db.read;
  const repositories = await db.selectFrom("repositories").selectAll().where("org_id", "=", MAIN_ORGANIZATION).orderBy("name").execute();
  const all: KeyDocument[] = [];
  for (const repository of repositories)
    for (const family of KEY_FAMILIES)
      for (const row of await keysOf(db, repository, family)) all.push(renderKey(instance, repository, row));
  return all;
}

/** The family's own key, as it is kept. */
export async function findKey(instance: Instance, name: string, family: KeyFamily): Promise<{ repository: RepositoryRow; row: KeyRow }> {
  const repository = await openRepository(instance, name);
  const [row] = await keysOf(instance.db.read, repository, family);
  if (row?.retired_at !== null) throw missing(name, family);
  return { repository, row };
}

/** Makes the next key and signs with it what its clients read, in one transaction. */
export async function rotateKey(instance: Instance, caller: Caller, input: RotateKey): Promise<KeyDocument> {
  await openRepository(instance, input.repository);
  return act(instance, caller, async (tx) => {
    const repository = await findRepository(tx, input.repository);
    const [old] = repository ? await keysOf(tx, repository, input.family) : [];
    if (!repository || old?.retired_at !== null) throw missing(input.repository, input.family);
    const now = instance.now();
    const retired = {
      retired_at: iso(now),
      signs_until: input.isCompromised ? null : iso(now + input.overlapDays * DAY_MS),
      compromised: input.isCompromised ? 1 : 0,
    };
    await tx.updateTable("repository_keys").set(retired).where("id", "=", old.id).execute();
    const made = await makeKey(tx, instance, repository, input.family);
    // What it signed lies in the lines of the index too.
    const current = input.isCompromised ? await restate(tx, instance, repository) : repository;
    const feeds = FEEDS.filter(({ traits }) => traits.signs === input.family);
    await reissueGeneration(tx, instance, current, { feeds, reason: `${input.family} key rotated` });
    const result = renderKey(instance, repository, made);
    const details = {
      repository: repository.name,
      family: input.family,
      from: renderKey(instance, repository, old).fingerprint,
      to: result.fingerprint,
      ...retired,
    };
    return { result, event: { action: "key.rotate", subject: repository.id, details } };
  });
}

async function openRepository({ db }: Instance, name: string): Promise<RepositoryRow> {
  const repository = await findRepository(db.read, name);
  if (!repository) throw new DistError("repository/not-found", `there is no repository '${name}'`);
  return repository;
}

function missing(repository: string, family: KeyFamily): DistError {
  return new DistError("key/not-found", `repository '${repository}' has no ${family} key: it has signed nothing yet`);
}

function renderKey(instance: Instance, repository: RepositoryRow, row: KeyRow): KeyDocument {
  const { family, created_at, retired_at, signs_until } = row;
  const isOpenPgp = family === "openpgp";
  const key = isOpenPgp ? openPgpKey(instance, repository, row) : undefined;
  return {
    repository: repository.name,
    family,
    fingerprint: key ? openPgpFingerprint(key) : keyId(row),
    state: stateOf(row, iso(instance.now())),
    createdAt: created_at,
    retiredAt: retired_at,
    signsUntil: signs_until,
    publicKey: key ? armoredPublicKeys([key]) : pem(row.public),
  };
}

function stateOf({ family, retired_at, signs_until, compromised }: KeyRow, now: string): KeyDocument["state"] {
  if (compromised === 1) return "compromised";
  if (retired_at === null) return "signs";
  return family === "openpgp" && signs_until !== null && signs_until > now ? "takes leave" : "retired";
}

function pem(base64: string): string {
  return `-----BEGIN PUBLIC KEY-----\n${base64.match(/.{1,64}/g)?.join("\n") ?? ""}\n-----END PUBLIC KEY-----\n`;
}
