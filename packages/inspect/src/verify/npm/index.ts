// Signatures of npm registries (docs.npmjs.com, "ECDSA registry signatures"; `npm audit signatures`): ECDSA over `name@version:integrity`. They stand in
// what the registry says of the version, not in the tarball: `lantern-1.0.0.tgz.npm-signatures.json` beside `lantern-1.0.0.tgz`.
import type { ByteSource } from "@distd/core";
import { malformedInstead } from "../malformed-instead.ts";
import { npm as format } from "../../formats/npm/index.ts";
import { parseJsonObject, textOf } from "../../json/parse-json.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import { hashPieces } from "../hash-pieces.ts";
import { isComputed, joinJudged } from "../join-judged.ts";
import { problem, reading } from "../problem.ts";
import { describeKey, verifySignature } from "../public-key.ts";
import { joinSignatures, type SignatureVerdict, UNSIGNED, type Verdict, VERDICT_CODES, type VerdictProblem } from "../verdict.ts";
import type { Verifier, VerifyContext } from "../verifier.ts";
import { parseIntegrity } from "./integrity.ts";
import { readRegistryKeys, type RegistryKey } from "./keys.ts";
import { readRegistryVersion, type RegistrySignature, type RegistryVersion } from "./registry-document.ts";

const SCHEME = "npm";
const ENDING = ".npm-signatures.json";
const ECDSA_SHA256 = { family: "ecdsa", hash: "sha256" } as const;

export const npm: Verifier = {
  id: "npm",
  formats: ["npm"],
  async verify(source, context) {
    const where = `${context.fileName}${ENDING}`;
    const file = context.beside.get(where);
    if (file === undefined) return UNSIGNED;
    return malformedInstead(() => verifyNpm(source, file, where, context), where);
  },
};

async function verifyNpm(source: ByteSource, file: ByteSource, where: string, { trust, now }: VerifyContext): Promise<Verdict> {
  const own = await readOwnName(source);
  const said = await readRegistryVersion(file, own.version);
  const { hash, digests } = parseIntegrity(said.integrity);
  const hashes = await hashPieces(source, [{ offset: 0, bytes: source.size }], [hash]);
  const found = [
    ...(digests.includes(hashes.get(hash)?.digest("base64") ?? "")
      ? []
      : [problem("signing/digest-mismatch", `the tarball is not that of ${said.name}@${said.version}`, where)]),
    // Else one package could come with what was signed for another.
    ...(said.name === own.name && cleaned(said.version) === cleaned(own.version)
      ? []
      : [
          problem(
            "signing/contradiction",
            `it is ${own.name}@${own.version}, and the registry speaks of ${said.name}@${said.version}`,
            where,
          ),
        ]),
    ...(hash === "sha1" ? [problem("signing/weak-algorithm", "the integrity is a SHA-1 digest", where)] : []),
  ];
  const keys = readRegistryKeys(trust.keys);
  const judged = said.signatures.map((signature) => judge(signature, said, found, { keys, now, where }));
  if (judged.some(isComputed)) return joinJudged(judged);
  const nobody = problem(
    "signing/nobody",
    "the registry's document has no signature: whoever can change the file can change it too",
    where,
  );
  const isIntact = !found.some(isFatal);
  const reasons = judged.length === 0 ? [nobody] : judged.flatMap(({ problems }) => problems);
  const verdict = {
    scheme: SCHEME,
    intact: isIntact,
    trusted: false,
    problems: [...found, ...(isIntact ? reasons : [])],
    details: { where },
  };
  return joinSignatures([verdict]);
}

/** By package.json, which is what is installed. */
async function readOwnName(source: ByteSource): Promise<{ readonly name: string; readonly version: string }> {
  const manifest = parseJsonObject(
    (await format.readMetadata?.(source, DEFAULT_LIMITS)) ?? new Uint8Array(),
    DEFAULT_LIMITS.maxDepth,
    "package.json",
  );
  return { name: textOf(manifest["name"]) ?? "", version: textOf(manifest["version"]) ?? "" };
}

/** As npm writes a version when it is published: without what stands around it, and without build metadata. */
function cleaned(version: string): string {
  return version
    .trim()
    .replace(/^[=v\s]+/, "")
    .replace(/\+.*$/, "");
}

interface Judging {
  readonly keys: readonly RegistryKey[];
  readonly now: Date;
  readonly where: string;
}

function judge(
  { keyId, value }: RegistrySignature,
  said: RegistryVersion,
  found: readonly VerdictProblem[],
  { keys, now, where }: Judging,
): SignatureVerdict {
  const details = { where, claimedKey: keyId, package: `${said.name}@${said.version}` };
  const candidates = keys.filter((key) => key.keyId === keyId);
  if (candidates.length === 0)
    return { scheme: SCHEME, problems: [problem("signing/unknown-signer", `the key ${keyId} was not given`, where)], details };
  const message = Buffer.from(`${said.name}@${said.version}:${said.integrity}`);
  const maker = candidates.find(({ spki }) => isMade(spki, message, value));
  if (maker === undefined) {
    const problems = [problem("signing/signature-mismatch", `it was not made by the key ${keyId}`, where)];
    return { scheme: SCHEME, intact: false, trusted: false, problems, details };
  }
  const problems = [...found, ...periodOf(maker, said, now, where)];
  const { expires } = maker;
  const signer = {
    name: keyId,
    certificates: [],
    keyId,
    key: describeKey(maker.spki),
    ...(expires && { validUntil: expires.toISOString().replace(".000Z", "Z") }),
  };
  const isIntact = !problems.some(isFatal);
  const isTrusted = isIntact && !problems.some(({ code }) => VERDICT_CODES[code] === "distrust");
  return { scheme: SCHEME, intact: isIntact, trusted: isTrusted, algorithm: "ecdsa-p256-sha256", signer, problems, details };
}

/** P-256, as the registry's only kind of key is. A key that cannot be used made nothing. */
function isMade(spki: Uint8Array, message: Uint8Array, value: Uint8Array): boolean {
  const made = reading(
    "signing/malformed",
    () => verifySignature(spki, ECDSA_SHA256, message, value) && describeKey(spki) === "ecdsa-p256",
  );
  return "value" in made && made.value;
}

/** As npm has it: a key that has ended stands for what was published before. When that was, the registry says, and nothing signs it. */
function periodOf({ keyId, expires }: RegistryKey, { publishedAt }: RegistryVersion, now: Date, where: string): readonly VerdictProblem[] {
  if (expires === undefined || expires > now) return [];
  const end = expires.toISOString();
  if (publishedAt === undefined || publishedAt >= expires) return [problem("signing/expired", `the key ${keyId} ended ${end}`, where)];
  return [
    problem(
      "signing/timestamp-untrusted",
      `the key ${keyId} ended ${end}; that it was published before is the registry's word alone`,
      where,
    ),
  ];
}

function isFatal({ code }: VerdictProblem): boolean {
  return VERDICT_CODES[code] === "fatal";
}
