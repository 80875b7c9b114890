// Detached OpenPGP signatures: `notes.tar.gz.asc` or `.sig` beside `notes.tar.gz`, over every byte of it (RFC 9580 §10.4).
import type { ByteSource } from "@distd/core";
import { isBroken } from "../../broken.ts";
import type { VerdictProblem } from "../verdict.ts";
import type { BesideVerifier } from "../verifier.ts";
import { problem, unreadable } from "../problem.ts";
import { readArmor } from "./armor.ts";
import { readDetached } from "./detached.ts";
import { joinJudged } from "../join-judged.ts";
import { judgeSignature, type Read } from "./judge-signature.ts";
import { readKeyRing } from "./key-ring.ts";
import { looksLikePackets } from "./packets.ts";
import type { OpenPgpSignature } from "./signature-packet.ts";

const SCHEME = "openpgp";
const ENDINGS = [".asc", ".sig"];
const MAX_SIGNATURE_BYTES = 1024 * 1024;
const MAX_SIGNATURES = 16;

export const openpgp: BesideVerifier = {
  id: "openpgp",
  // Those that carry no signature that is verified here.
  formats: ["appimage", "elf", "file", "gguf", "npm", "oci", "pickle", "safetensors", "sdist", "sif", "swift", "tarball", "wheel", "zip"],
  async begin({ fileName, beside, trust, now }, whole) {
    const problems: VerdictProblem[] = [];
    const found: { readonly signature: OpenPgpSignature; readonly where: string }[] = [];
    for (const where of ENDINGS.map((ending) => `${fileName}${ending}`)) {
      const file = beside.get(where);
      if (file === undefined) continue;
      for (const read of await readSignatures(file, where)) {
        if ("problem" in read) problems.push(read.problem);
        else found.push({ signature: read.signature, where });
      }
    }
    if (found.length > MAX_SIGNATURES) return () => joinJudged([], [problem("signing/unsupported", `${found.length} signatures`)]);
    const hashed = found.map((one) => ({ ...one, hash: whole.hash(one.signature.hash) }));
    return () => {
      const ring = readKeyRing(trust.keys);
      const judged = hashed.map(({ signature, where, hash }) => judgeSignature(signature, hash, { scheme: SCHEME, where, ring, now }));
      return joinJudged(judged, problems);
    };
  },
};

/** Of a `.sig` that is another family's: none. */
async function readSignatures(file: ByteSource, where: string): Promise<readonly Read[]> {
  if (file.size > MAX_SIGNATURE_BYTES) return [{ problem: problem("signing/unsupported", `a signature of ${file.size} bytes`, where) }];
  try {
    const bytes = await file.read(0, file.size);
    const isOurs = where.endsWith(".asc") || looksLikePackets(bytes) || readArmor(Buffer.from(bytes).toString("latin1")).length > 0;
    return isOurs ? readDetached(bytes, where) : [];
  } catch (thrown) {
    if (isBroken(thrown)) return [{ problem: unreadable(thrown, where) }];
    throw thrown;
  }
}
