// How to meet each reason for which a signature does not pass.
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { AT, createSigstore, ISSUER, SUBJECT } from "../../fixtures/signatures/make/sigstore-authority.ts";
import { dist, type Ran } from "../support/dist.ts";

const SIGNATURES = join(import.meta.dirname, "..", "..", "fixtures", "signatures");
const windows = (path: string): string => join(SIGNATURES, "windows", path);
const android = (path: string): string => join(SIGNATURES, "android", path);
const apple = (path: string): string => join(SIGNATURES, "apple", path);
/** Whom the files for Windows are signed under, and while that holds. */
const TRUSTED = ["--key", windows("keys/root.pem"), "--at", "2026-01-01"];
const SIGNED = windows("exe/signed.exe");
const UNSTAMPED = windows("exe/without-timestamp.exe");

export const SIGNING_PROVOCATIONS = {
  "signing/unsigned": () => changed(windows("catalogue/unsigned.exe"), (bytes) => bytes),
  "signing/digest-mismatch": () => changed(SIGNED, (bytes) => flip(bytes, 0x405), ...TRUSTED),
  // The signature is the last thing of its message.
  "signing/signature-mismatch": () => changed(UNSTAMPED, (bytes) => flip(bytes, bytes.length - 100), ...TRUSTED),
  "signing/malformed": () => changed(SIGNED, (bytes) => flip(bytes, certificateTable(bytes) + 8), ...TRUSTED),
  "signing/uncovered": () => changed(SIGNED, (bytes) => Buffer.concat([bytes, Buffer.from("appended")]), ...TRUSTED),
  // Whoever takes the block out leaves a version 1 that says there was one.
  "signing/stripped": () => changed(android("v1-v2-v3.apk"), (bytes) => flip(bytes, bytes.lastIndexOf("APK Sig Block 42"))),
  "signing/contradiction": () => verify(windows("msix/another-publisher.msix"), ...TRUSTED),
  "signing/unsupported": () => changed(SIGNED, (bytes) => flip(bytes, certificateTable(bytes) + 6), ...TRUSTED),
  "signing/subject-missing": () => changed(android("streamed.apk.idsig"), (bytes) => bytes),
  "signing/timestamp-mismatch": () => changed(SIGNED, (bytes) => flip(bytes, bytes.length - 100), ...TRUSTED),
  "signing/unknown-signer": () => verify(windows("exe/stranger.exe"), ...TRUSTED),
  "signing/chain-incomplete": () => verify(SIGNED),
  "signing/expired": () => verify(UNSTAMPED, ...TRUSTED, "--at", "2090-01-01"),
  "signing/not-yet-valid": () => verify(UNSTAMPED, ...TRUSTED, "--at", "2000-01-01"),
  "signing/revoked": () => verify(SIGNED, ...TRUSTED, "--revoked", digestOf(windows("keys/signer.pem"))),
  "signing/wrong-purpose": () => verify(windows("exe/for-a-server.exe"), ...TRUSTED),
  "signing/not-permitted": () => verify(apple("ipa/for-another-app.ipa"), "--key", apple("keys/root.pem"), "--at", "2026-01-01"),
  "signing/log-mismatch": sigstoreBundleOfAnotherLog,
  "signing/nobody": () => verify(android("public-test-key.apk")),
} as const satisfies Readonly<Record<`signing/${string}`, () => Promise<Ran>>>;

/** What a log says of the same file elsewhere. */
async function sigstoreBundleOfAnotherLog(): Promise<Ran> {
  const notes = Buffer.from("notes");
  const [own, other] = [createSigstore(), createSigstore()];
  const bundle = own.sign(notes);
  bundle["verificationMaterial"].tlogEntries = other.sign(notes)["verificationMaterial"].tlogEntries;
  const folder = mkdtempSync(join(tmpdir(), "dist-verify-"));
  try {
    const write = (name: string, content: string | Buffer): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    write("notes.txt.sigstore.json", JSON.stringify(bundle));
    const identities = write("identities", JSON.stringify({ sigstoreIdentities: [{ subject: SUBJECT, issuer: ISSUER }] }));
    const root = write("root", JSON.stringify(own.trustedRoot));
    return await verify(write("notes.txt", notes), "--key", root, "--key", identities, "--at", AT.toISOString());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function verify(path: string, ...args: readonly string[]): Promise<Ran> {
  return dist(["verify", path, ...args]);
}

/** Verifies a changed copy, which lies alone in its folder. */
async function changed(path: string, change: (bytes: Buffer) => Buffer, ...args: readonly string[]): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), "dist-verify-"));
  try {
    const copy = join(folder, basename(path));
    writeFileSync(copy, change(readFileSync(path)));
    return await verify(copy, ...args);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function flip(bytes: Buffer, offset: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
  return bytes;
}

/** Where a program's signatures are: the fifth of its data directories. */
function certificateTable(program: Buffer): number {
  const optional = program.readUInt32LE(0x3c) + 24;
  const isWide = program.readUInt16LE(optional) === 0x20b;
  return program.readUInt32LE(optional + (isWide ? 112 : 96) + 4 * 8);
}

function digestOf(certificate: string): string {
  return createHash("sha256")
    .update(new X509Certificate(readFileSync(certificate)).raw)
    .digest("hex");
}
