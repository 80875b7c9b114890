// What the Engine says when it refuses: a status and a sentence. Where one status means several things, the sentence alone tells them apart.
import { DistError, type ErrorCode } from "@distd/core";

/** What a status means for one call. */
export type RefusalCodes = Readonly<Partial<Record<number, ErrorCode>>>;

/** Of containers: what Podman has one status for, and what no status tells. */
const CONTAINER_SENTENCES: readonly (readonly [ErrorCode, RegExp])[] = [
  ["runtime/name-in-use", /name "[^"]*" is already in use/],
  ["runtime/exec-failed", /can only create exec sessions on running|OCI runtime|\b(?:crun|runc): /],
];

/** Of images. Tried in order: a registry's refusal also says "not found" at times. */
const IMAGE_SENTENCES: readonly (readonly [ErrorCode, RegExp])[] = [
  ["usage/invalid", /invalid reference format|must be lowercase/i],
  [
    "runtime/unsupported-platform",
    /no matching manifest for|does not match the specified platform|no image found in (?:manifest|image index)/i,
  ],
  [
    "runtime/registry-refused",
    /unauthorized|access denied|authentication required|no basic auth credentials|invalid username|requested access/i,
  ],
  ["runtime/image-not-found", /manifest(?: for \S+)? (?:not found|unknown)|no such image|image not known|repository name not known/i],
  [
    "network/unreachable",
    /connection refused|no such host|dial tcp|i\/o timeout|TLS handshake|deadline exceeded|network is unreachable|pinging container registry/i,
  ],
];

const codeOf = (message: string, sentences: typeof IMAGE_SENTENCES): ErrorCode | undefined =>
  sentences.find(([, sentence]) => sentence.test(message))?.[0];

/** The error of an answer that is no success. */
export function refusalError(status: number, message: string, codes: RefusalCodes): DistError {
  const code = codes[status] ?? codeOf(message, CONTAINER_SENTENCES) ?? "runtime/failed";
  return new DistError(code, message, { details: { status } });
}

/** What a pull or a build says went wrong; `otherwise` when it is of the image itself. */
export function imageError(message: string, otherwise: ErrorCode): DistError {
  const code = codeOf(message, IMAGE_SENTENCES) ?? otherwise;
  return code === "network/unreachable"
    ? new DistError(code, message, { hint: "check the registry's address, and whether this machine reaches it" })
    : new DistError(code, message);
}
