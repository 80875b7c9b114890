import type { AuditAction, ReleaseStatus, Access, Architecture, Platform, Role, Sha256, VersionScheme } from "@distd/core";
import type { Generated } from "kysely";

/**
 * The tables, the same on every engine. Times are ISO 8601 UTC text, JSON is text, digests are 64 hexadecimal digits, so that a person
 * with `sqlite3` can read them. What each table is for: docs/storage.md.
 */
export interface Schema {
  organizations: { id: string; name: string };
  instance: { key: string; value: string };
  apps: {
    id: string;
    org_id: string;
    slug: string;
    name: string;
    /** Who sees it; who fetches its files; who installs it on a device. */
    access: Access;
    download: Access;
    install: Access;
    /** Whom to ask for access: a name, a mail address. */
    contact: string | null;
    /** What it is, in a sentence. */
    summary: string | null;
    /** https. */
    website: string | null;
    quota_bytes: number | null;
    /** JSON: what the release gate holds its releases to. */
    gate: Generated<string>;
    /** `releases`: pushed images become releases. `raw`: they are kept as they are, with any tags. */
    registry: Generated<"releases" | "raw">;
    created_at: string;
  };
  /** `arriving`: named, its file may not be in place yet. `live`: the file is in place and durable. `deleting`: its file may be gone. */
  blobs: { sha256: Sha256; size: number; store_key: string; state: "arriving" | "live" | "deleting"; created_at: string };
  blob_aliases: { algorithm: string; digest: string; sha256: Sha256 };
  /** What keeps a blob: one row for every release entry, later also generations, derived files and attachments. */
  blob_references: { sha256: Sha256; kind: "release" | "image"; owner_id: string; app_id: string };
  /** What keeps a blob for a while: an upload that just ended, a "have" answer, a release that just went. */
  leases: { id: string; sha256: Sha256; app_id: string; kind: "upload" | "have" | "grace"; expires_at: string };
  uploads: {
    id: string;
    app_id: string;
    principal: string;
    file_name: string;
    sha256: Sha256;
    size: number;
    /** Bytes known to be on the disk for good. */
    durable_offset: number;
    created_at: string;
    expires_at: string;
  };
  /** What inspectors read from a blob's bytes under a file name, in lower case. */
  facts: { sha256: Sha256; file_name: string; facts: string };
  /** People who were invited to an app. Everything that says who they are is here, and nowhere else. */
  testers: {
    id: string;
    org_id: string;
    name: string;
    /** Lower case; null where nobody said it. */
    mail: string | null;
    /** JSON: names of groups. */
    groups: string;
    created_at: string;
  };
  /** Personal links: one tester, one app, one channel, until when. Of the secret only its hash is kept. */
  tester_links: {
    id: string;
    tester_id: string;
    app_id: string;
    channel: string;
    hash: string;
    created_at: string;
    created_by: string;
    expires_at: string;
    revoked_at: string | null;
  };
  /** Who installed what: one row, however often it is fetched. */
  installs: { tester_id: string; artifact_id: string; app_id: string; at: string };
  releases: {
    id: string;
    app_id: string;
    version: string;
    scheme: VersionScheme;
    sort_key: string;
    build: string;
    revision: number;
    status: ReleaseStatus;
    /** Content identity; null for a draft. */
    identity: Sha256 | null;
    notes: string;
    created_at: string;
    created_by: string;
    published_at: string | null;
    withdrawal_reason: string | null;
    replacement_id: string | null;
    /** A draft whose content was published already points at that release. */
    merged_into: string | null;
    /** 1 when several jobs share this draft: there is one for an app, version and build. */
    shared: number;
    /** JSON: what the release gate found when it was published. */
    checks: Generated<string>;
    /** When an unfinished draft is given up; null once published. */
    expires_at: string | null;
  };
  release_parts: { release_id: string; name: string; completed_at: string | null };
  artifacts: {
    id: string;
    app_id: string;
    version: string;
    build: string;
    platform: Platform;
    arch: Architecture;
    format: string;
    variant: string;
    role: Role;
    name: string;
    sha256: Sha256 | null;
    size: number | null;
    link: string | null;
    install: string | null;
    facts: string | null;
    /** 1 once a published release holds it: then its coordinate is taken. */
    published: number;
  };
  release_artifacts: { release_id: string; artifact_id: string };
  channels: { id: string; app_id: string; name: string; sequence: number; created_at: string };
  channel_revisions: {
    channel_id: string;
    sequence: number;
    kind: "promote" | "rollback" | "withdraw";
    release_id: string | null;
    /** For a rollback: the sequence whose heads are live again. */
    restores: number | null;
    /** JSON: target → release id. */
    heads: string;
    actor: string;
    created_at: string;
  };
  channel_heads: { channel_id: string; target: string; release_id: string };
  /** The signed document of each channel, as it is served. */
  channel_documents: { channel_id: string; sequence: number; base_url: string; issued_at: string; body: string };
  /**
   * What a channel offers beside what is live: promoted and not withdrawn. `sequence`: when it came last. `passed`: 1 when a rollback went back
   * over it. `targets`: JSON, null for all it has. `phase`: percent of the machines that take it as an update, null for all.
   */
  channel_releases: {
    channel_id: string;
    release_id: string;
    sequence: number;
    passed: number;
    targets: string | null;
    phase: number | null;
  };
  /** Made from a blob's bytes, and can be made again: its own metadata word for word, its icon as PNG. */
  derived: { sha256: Sha256; kind: "metadata" | "icon"; generator: number; body: Uint8Array };
  /** `home`: made by itself, for the public apps together or for one app that is not. `made`: by somebody. */
  repositories: { id: string; org_id: string; name: string; kind: "home" | "made"; generation: number; created_at: string };
  /** Of those that were made. A channel's name, or `*`. */
  repository_members: { repository_id: string; app_id: string; channel: string };
  repository_keys: {
    id: string;
    repository_id: string;
    family: "openpgp" | "ecdsa-p256";
    /** The private key, encrypted under a key outside the database. */
    sealed: string;
    /** SubjectPublicKeyInfo, base64. */
    public: string;
    fingerprint: string;
    created_at: string;
    /** Since then another one is the family's own. */
    retired_at: string | null;
    /** Until then it signs beside the one that took over. */
    signs_until: Generated<string | null>;
    /** 1: what it signed counts no more. */
    compromised: Generated<number>;
  };
  /** Who owns a name in an ecosystem. Never given to another app. */
  package_names: { repository_id: string; ecosystem: string; name: string; app_id: string };
  /** JSON: what a feed makes of a release. */
  fragments: { repository_id: string; release_id: string; feed: string; address: string; body: string };
  generations: { repository_id: string; number: number; reason: string; base_url: string; issued_at: string };
  /** `changed`: the generation it changed in last. `digests`: JSON, of its bytes as they are. */
  feed_lists: {
    id: Generated<number>;
    repository_id: string;
    feed: string;
    channel: string;
    name: string;
    changed: number;
    digests: string;
  };
  /** Lines of the lists as they are now. Of several under one key the one of highest rank is shown. */
  feed_entries: { list_id: number; key: string; release_id: string; rank: string; text: string };
  /** Lists as they are and were: entries put together, from one generation until before another. */
  feed_pages: {
    id: Generated<number>;
    list_id: number;
    first_key: string;
    body: Uint8Array;
    gzip: Uint8Array | null;
    from_generation: number;
    to_generation: number | null;
    ended_at: string | null;
  };
  /** Files as they are and were. `content` is JSON: texts and lists, or an artifact. */
  generated_files: {
    id: Generated<number>;
    repository_id: string;
    feed: string;
    /** Empty for feeds of the whole repository. */
    channel: string;
    /** Empty for files that are no single release's. */
    release_id: string;
    path: string;
    cache: "index" | "immutable";
    content: string;
    etag: string;
    from_generation: number;
    to_generation: number | null;
    ended_at: string | null;
  };
  /** Container images people push, by app and name. */
  images: { id: string; app_id: string; name: string };
  /** Bytes of unknown length and digest on their way in; `image_id` when they are to be part of an image. */
  spools: { id: string; image_id: string | null; principal: string; expires_at: string };
  image_blobs: { image_id: string; digest: string; sha256: Sha256; size: number };
  /** Byte for byte as pushed. `annotations` is JSON, of manifests with a subject. */
  image_manifests: {
    image_id: string;
    digest: string;
    media_type: string;
    body: Uint8Array;
    subject: string | null;
    artifact_type: string | null;
    annotations: string | null;
  };
  image_tags: { image_id: string; tag: string; digest: string };
  tokens: {
    id: string;
    org_id: string;
    name: string;
    /** SHA-256 of the token. */
    hash: Sha256;
    /** JSON list of scopes. */
    scopes: string;
    /** JSON list of app ids, or "all". */
    apps: string;
    created_at: string;
    created_by: string;
    expires_at: string;
    revoked_at: string | null;
    last_used_at: string | null;
  };
  /** Leaves of the audit tree. `body` is the canonical JSON that was hashed. */
  audit_events: { index: number; at: string; actor: string; action: AuditAction; app: string; subject: string; body: string };
  /** One row: the tree's state. Locked by every state change. */
  audit_head: { id: number; size: number; peaks: string };
  audit_checkpoints: { size: number; note: string; created_at: string };
  idempotency_keys: { principal: string; key: string; fingerprint: string; result: string; created_at: string };
  migrations: { name: string; applied_at: Generated<string> };
}
