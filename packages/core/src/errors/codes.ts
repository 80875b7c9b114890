/**
 * Every way this product fails, in one table. It makes the HTTP status, the exit code of the commands and the page `docs/errors.md`.
 * Codes are `area/reason` and never change meaning; a message may.
 *
 * Exit codes: 0 ok, 1 failed, 2 usage, 3 partly done, 10 not found, 11 conflict, 12 not allowed, 13 no room, 20 verification failed,
 * 21 policy, 30 network, 31 server error after retries, 40 runtime missing, 70 our bug, 130 interrupted.
 */
export const ERROR_CODES = {
  "usage/invalid": { status: 400, exit: 2, title: "The command line or request is not valid", hint: "see --help, or the API description" },
  "image/manifest-invalid": {
    status: 400,
    exit: 2,
    title: "The image manifest is not valid",
    hint: "push it with a tool that follows the OCI specification",
  },
  "image/tag-refused": {
    status: 400,
    exit: 2,
    title: "The tag is neither a version nor a channel",
    hint: "push by version (1.2.3) or channel (beta), or let the app keep images as they are: dist app policy APP --registry raw",
  },
  "manifest/invalid": { status: 400, exit: 2, title: "The manifest is not valid", hint: "mend the line named, see docs/manifest.md" },
  "manifest/not-found": { status: 400, exit: 2, title: "There is no manifest", hint: "run 'dist init' to write one" },
  "text/invalid-utf8": { status: 400, exit: 2, title: "Text is not valid UTF-8", hint: "save the file as UTF-8" },
  "release/incomplete": {
    status: 409,
    exit: 3,
    title: "The release still misses declared parts",
    hint: "attach the missing parts; the last one publishes",
  },
  "channel/not-promoted": {
    status: 409,
    exit: 3,
    title: "The release is published, but not promoted",
    hint: "promote it with 'dist channel promote' and a token that has the scope",
  },
  "app/not-found": {
    status: 404,
    exit: 10,
    title: "There is no such app",
    hint: "create it with 'dist app create', or use a token with app:create",
  },
  "release/not-found": { status: 404, exit: 10, title: "There is no such release", hint: "see 'dist release list'" },
  "artifact/not-found": { status: 404, exit: 10, title: "There is no such artifact", hint: "see 'dist release show'" },
  "channel/not-found": { status: 404, exit: 10, title: "There is no such channel", hint: "see 'dist channel list'" },
  "channel/nothing-to-roll-back": {
    status: 404,
    exit: 10,
    title: "The channel has no earlier revision",
    hint: "see 'dist channel history'",
  },
  "repository/not-found": { status: 404, exit: 10, title: "There is no such repository", hint: "see 'dist repo list'" },
  "key/not-found": { status: 404, exit: 10, title: "There is no such key", hint: "see 'distd keys list'" },
  "feed/not-found": { status: 404, exit: 10, title: "The feed has no such file", hint: "see 'dist feed list' for addresses" },
  "image/manifest-unknown": { status: 404, exit: 10, title: "The image has no such manifest", hint: "list its tags" },
  "image/blob-unknown": { status: 404, exit: 10, title: "The image has no such blob", hint: "push its layers before its manifest" },
  "token/not-found": { status: 404, exit: 10, title: "There is no such token", hint: "see 'dist token list'" },
  "upload/not-found": { status: 404, exit: 10, title: "There is no such upload", hint: "start the upload again" },
  "code/not-found": { status: 404, exit: 10, title: "There is no such error code", hint: "see docs/errors.md" },
  "route/not-found": { status: 404, exit: 10, title: "There is nothing at this address", hint: "check the address" },
  "blob/missing": { status: 409, exit: 10, title: "The bytes are not on the server", hint: "upload them first" },
  "app/exists": { status: 409, exit: 11, title: "An app with this name exists", hint: "choose another name" },
  "repository/exists": { status: 409, exit: 11, title: "A repository with this name exists", hint: "choose another name" },
  "name/taken": {
    status: 409,
    exit: 11,
    title: "Another app owns this package name",
    hint: "publish to the app that owns it, or choose another name for the package",
  },
  "release/conflict": {
    status: 409,
    exit: 11,
    title: "This coordinate already holds other bytes",
    hint: "raise the version or the build number",
  },
  "release/published": { status: 409, exit: 11, title: "The release is published and cannot change", hint: "publish a new version" },
  "release/draft": { status: 409, exit: 11, title: "The release is still a draft", hint: "publish it first" },
  "release/withdrawn": { status: 409, exit: 11, title: "The release was withdrawn", hint: "promote another release" },
  "release/live": {
    status: 409,
    exit: 11,
    title: "The release is live on a channel",
    hint: "name its replacement with --replacement, or roll the channel back first",
  },
  "channel/sequence-mismatch": {
    status: 409,
    exit: 11,
    title: "The channel moved in the meantime",
    hint: "look at 'dist channel history' and decide again",
  },
  "upload/checksum-mismatch": {
    status: 460,
    exit: 20,
    title: "A part of the upload does not have its checksum",
    hint: "send the part again",
  },
  "upload/unsupported-version": {
    status: 412,
    exit: 2,
    title: "The server speaks another version of tus",
    hint: "send Tus-Resumable: 1.0.0",
  },
  "upload/offset-mismatch": {
    status: 409,
    exit: 11,
    title: "The upload stands at another offset",
    hint: "ask for the offset and go on there",
  },
  "upload/busy": { status: 423, exit: 11, title: "The upload is being written by another request", hint: "wait for it, then go on" },
  "request/key-reused": {
    status: 422,
    exit: 11,
    title: "The Idempotency-Key belongs to another request",
    hint: "use a new key for a new request",
  },
  "auth/required": { status: 401, exit: 12, title: "A token is needed", hint: "set DIST_TOKEN, or run 'dist login'" },
  "auth/invalid": { status: 401, exit: 12, title: "The token is not valid", hint: "check DIST_TOKEN; tokens expire and can be revoked" },
  "auth/forbidden": { status: 403, exit: 12, title: "The token does not allow this", hint: "use a token with the scope named" },
  "store/no-room": { status: 507, exit: 13, title: "The disk is full", hint: "free some space, then run 'distd gc'" },
  "store/quota-exceeded": { status: 507, exit: 13, title: "The app's quota is used up", hint: "raise the quota or remove releases" },
  "upload/too-large": { status: 413, exit: 13, title: "The request is larger than allowed", hint: "send no more than was declared" },
  "blob/digest-mismatch": { status: 422, exit: 20, title: "Bytes do not match their digest", hint: "send the file again" },
  "artifact/broken": {
    status: 422,
    exit: 20,
    title: "The artifact is damaged or not what it claims to be",
    hint: "build it again and check it with 'dist inspect'",
  },
  "artifact/contradiction": {
    status: 422,
    exit: 2,
    title: "The artifact's bytes contradict what was stated",
    hint: "correct the manifest, or leave the field out",
  },
  "audit/broken": {
    status: 500,
    exit: 20,
    title: "The audit log does not match its checkpoints",
    hint: "keep the database and compare it with a backup",
  },
  "signing/unsigned": { status: 422, exit: 20, title: "Nobody signed it", hint: "sign it, or get it from who does" },
  "signing/digest-mismatch": {
    status: 422,
    exit: 20,
    title: "The bytes are not those that were signed",
    hint: "get it anew from who signed it",
  },
  "signing/signature-mismatch": {
    status: 422,
    exit: 20,
    title: "The signature is not that of the key it names",
    hint: "get it anew from who signed it",
  },
  "signing/malformed": { status: 422, exit: 20, title: "The signature cannot be read", hint: "sign it again" },
  "signing/uncovered": {
    status: 422,
    exit: 20,
    title: "Something was put in that no signature covers",
    hint: "sign it again as the last step of the build",
  },
  "signing/stripped": {
    status: 422,
    exit: 20,
    title: "A signature that must be there was taken off",
    hint: "get it anew from who signed it",
  },
  "signing/contradiction": { status: 422, exit: 20, title: "Parts of it say different things of who signed", hint: "sign it again" },
  "signing/unsupported": {
    status: 422,
    exit: 20,
    title: "The signature is of a kind that is not known here",
    hint: "verify it with the platform's own tool",
  },
  "signing/subject-missing": {
    status: 422,
    exit: 20,
    title: "What was signed is not here",
    hint: "put the file that was signed beside its signature",
  },
  "signing/timestamp-mismatch": {
    status: 422,
    exit: 20,
    title: "The timestamp is not over this signature",
    hint: "sign it again, with a timestamp of its own",
  },
  "signing/unknown-signer": {
    status: 422,
    exit: 20,
    title: "Nobody trusted stands for the signer",
    hint: "if you know the signer, name its certificate or public key: dist verify --key FILE",
  },
  "signing/chain-incomplete": {
    status: 422,
    exit: 20,
    title: "The way from the signer to a root is not complete",
    hint: "sign it with the intermediate certificates enclosed",
  },
  "signing/expired": { status: 422, exit: 20, title: "The certificate has ended", hint: "sign it again, with a timestamp" },
  "signing/not-yet-valid": { status: 422, exit: 20, title: "The certificate has not begun", hint: "check the clock" },
  "signing/revoked": { status: 422, exit: 20, title: "The certificate was revoked", hint: "do not use it" },
  "signing/wrong-purpose": {
    status: 422,
    exit: 20,
    title: "The certificate is for something else than this",
    hint: "sign it with a certificate for code",
  },
  "signing/not-permitted": {
    status: 422,
    exit: 20,
    title: "Its provisioning profile does not allow it",
    hint: "sign it with a profile that is for this app, this certificate and these entitlements",
  },
  "signing/log-mismatch": {
    status: 422,
    exit: 20,
    title: "No public log stands for the signature",
    hint: "sign it again with a log, or give the root that names the log",
  },
  "signing/nobody": {
    status: 422,
    exit: 20,
    title: "Anybody can have signed it",
    hint: "sign it with a certificate that is somebody's",
  },
  "feed/mismatch": {
    status: 422,
    exit: 20,
    title: "A feed does not give what was released",
    hint: "run 'distd check' on the server; when it finds nothing, look at what stands between the server and its clients",
  },
  "store/damaged": {
    status: 500,
    exit: 20,
    title: "The store does not hold what its rows say",
    hint: "restore the files named, or publish them again",
  },
  "release/quarantined": { status: 451, exit: 21, title: "The release is quarantined", hint: "use the release named instead" },
  "gate/refused": {
    status: 422,
    exit: 21,
    title: "The release gate refused the release",
    hint: "mend what is named, or have it overridden with --override CHECK --reason TEXT",
  },
  "network/unreachable": { status: 502, exit: 30, title: "The server cannot be reached", hint: "check the address and the network" },
  "server/unavailable": { status: 503, exit: 31, title: "The server is not ready", hint: "try again in a moment" },
  "server/failed": { status: 500, exit: 31, title: "The server failed", hint: "see the server's log for the request id" },
  "config/invalid": { status: 500, exit: 2, title: "The server's configuration is not valid", hint: "see 'distd --help'" },
  "config/data-in-use": { status: 500, exit: 11, title: "Another distd uses this data folder", hint: "stop the other one" },
  "config/schema-too-new": {
    status: 500,
    exit: 21,
    title: "The data was written by a newer distd",
    hint: "start that version, or restore a backup",
  },
  "runtime/daemon-unavailable": {
    status: 503,
    exit: 40,
    title: "The container runtime does not answer",
    hint: "start Docker (systemctl start docker, or Docker Desktop)",
  },
  "runtime/builder-unavailable": {
    status: 503,
    exit: 40,
    title: "The container runtime cannot build images now",
    hint: "start its builder, or build elsewhere and pull",
  },
  "runtime/unsupported-platform": {
    status: 501,
    exit: 40,
    title: "The container runtime is not for this platform",
    hint: "use an image or a runtime for the platform named",
  },
  "runtime/version-skew": {
    status: 501,
    exit: 40,
    title: "The container runtime has a version that is not spoken here",
    hint: "update the older of the two",
  },
  "runtime/not-implemented": {
    status: 501,
    exit: 2,
    title: "The container runtime does not do this",
    hint: "use a runtime that does",
  },
  "runtime/unsupported-option": {
    status: 400,
    exit: 2,
    title: "The container runtime cannot honour an option",
    hint: "leave the option out, or use a runtime that has it",
  },
  "runtime/image-not-found": { status: 404, exit: 10, title: "There is no such image", hint: "check the reference, or pull it first" },
  "runtime/container-not-found": { status: 404, exit: 10, title: "There is no such container", hint: "check the name or id" },
  "runtime/name-in-use": {
    status: 409,
    exit: 11,
    title: "Another container has the name",
    hint: "remove that container, or choose another name",
  },
  "runtime/registry-refused": {
    status: 403,
    exit: 12,
    title: "The registry refused to give the image",
    hint: "check the reference and the credentials for that registry",
  },
  "runtime/build-failed": { status: 422, exit: 1, title: "The image could not be built", hint: "mend the line of the Dockerfile named" },
  "runtime/exec-failed": {
    status: 422,
    exit: 1,
    title: "The command could not be started in the container",
    hint: "check the command, its folder and its user, and that the container runs",
  },
  "runtime/failed": { status: 502, exit: 1, title: "The container runtime failed", hint: "see what it says, and its own log" },
  "system/failed": { status: 500, exit: 1, title: "The operating system refused", hint: "check paths, permissions and free space" },
  "internal/bug": { status: 500, exit: 70, title: "This is a bug", hint: "report it with the lines above" },
  "run/interrupted": { status: 499, exit: 130, title: "Interrupted", hint: "run it again; finished uploads are kept" },
} as const satisfies Record<string, ErrorEntry>;

export interface ErrorEntry {
  /** HTTP status of the answer. */
  readonly status: number;
  /** Exit code of the command. */
  readonly exit: number;
  readonly title: string;
  /** What to do next, unless the place that throws knows better. */
  readonly hint: string;
}

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}
