import { generateKeyPairSync } from "node:crypto";
import { type Principal, ROLES_OF_PEOPLE, sha256, type Sha256 } from "@distd/core";
import { readArtifact } from "@distd/inspect";
import { verifyArtifact } from "@distd/inspect/verify";
import type { AttachRequest, ReleaseDocument } from "@distd/core/wire";
import type { BlobStore } from "../blobs/blob-store.ts";
import { openMemoryBlobStore } from "../blobs/memory/index.ts";
import type { Database } from "../db/database.ts";
import { createApp } from "../service/apps.ts";
import { attach, createDraft } from "../service/releases/drafts.ts";
import type { Caller, Instance } from "../service/instance.ts";
import { publish } from "../service/releases/publish.ts";
import { createReceiver, type Receiver } from "../service/uploads/receive.ts";
import { createUpload } from "../service/uploads/uploads.ts";

/** An instance whose clock tests move. */
export interface TestInstance extends Instance {
  readonly receiver: Receiver;
  /** Moves the clock forward. */
  advance(milliseconds: number): void;
  /** How often something changed. */
  readonly changes: { count: number };
}

const START = Date.parse("2026-11-20T12:00:00Z");

export function createTestInstance(db: Database, blobs: BlobStore = openMemoryBlobStore()): TestInstance {
  let now = START;
  let isCollecting = false;
  const changes = { count: 0 };
  const instance: Instance = {
    db,
    blobs,
    key: generateKeyPairSync("ed25519").privateKey,
    origin: "test.distd",
    baseUrl: "https://dist.test",
    inspect: readArtifact,
    verify: ({ artifact, format, beside, trust }) =>
      verifyArtifact(artifact.source, {
        format,
        fileName: artifact.name,
        now: new Date(now),
        trust,
        beside: new Map(beside.map(({ name, source }) => [name, source])),
      }),
    mail: undefined,
    lockCollection() {
      if (isCollecting) return undefined;
      isCollecting = true;
      return () => void (isCollecting = false);
    },
    leaseMs: 86_400_000,
    log: () => {},
    now: () => now,
    changed: () => void (changes.count += 1),
  };
  return Object.assign(instance, {
    receiver: createReceiver(instance),
    advance: (milliseconds: number) => void (now += milliseconds),
    changes,
  });
}

export const OWNER: Caller = { principal: { id: "owner", kind: "token", scopes: [...ROLES_OF_PEOPLE.admin], apps: "all" } };

export function principal(scopes: readonly string[], apps: "all" | readonly string[] = "all"): Principal {
  return { id: `with-${scopes.join("-")}`, kind: "token", scopes, apps };
}

export async function makeApp(instance: Instance, slug = "notes", access: "members" | "public" = "members"): Promise<string> {
  return (await createApp(instance, OWNER, { slug, name: slug, access })).id;
}

/** Uploads text as a file and returns its digest. */
export async function uploadText(
  instance: TestInstance,
  slug: string,
  text: string,
  fileName = "file.bin",
  caller: Caller = OWNER,
): Promise<Sha256> {
  const bytes = new TextEncoder().encode(text);
  const digest = sha256(bytes);
  const upload = await createUpload(instance, caller, slug, { sha256: digest, size: bytes.length, fileName }, instance.receiver.isBusy);
  await instance.receiver.receive(caller, upload, await instance.receiver.offset(upload), bodyOf(bytes));
  return digest;
}

export async function* bodyOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** A published release of plain files: target → content. */
export async function publishFiles(
  instance: TestInstance,
  slug: string,
  version: string,
  files: Readonly<Record<string, string>>,
  build = "",
): Promise<ReleaseDocument> {
  const draft = await createDraft(instance, OWNER, slug, { version, build });
  await attach(instance, OWNER, slug, draft.id, { artifacts: await requests(instance, slug, files) });
  return publish(instance, OWNER, slug, draft.id);
}

export async function requests(instance: TestInstance, slug: string, files: Readonly<Record<string, string>>): Promise<AttachRequest[]> {
  return Promise.all(
    Object.entries(files).map(async ([target, content]): Promise<AttachRequest> => {
      const [platform = "any", arch = "any", variant = ""] = target.split("/");
      const digest = await uploadText(instance, slug, content);
      return { name: `${platform}-${arch}.bin`, digest: `sha256:${digest}`, platform: platform as "any", arch, variant };
    }),
  );
}
