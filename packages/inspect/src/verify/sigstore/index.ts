// Sigstore bundles beside an artifact: `notes.tar.gz.sigstore.json`, with the signature over it, or over a statement that has its digest, a certificate or
// the name of a key, and what a log and a timestamp authority say of when.
import { isBroken } from "../../broken.ts";
import { FORMATS } from "../../formats/index.ts";
import { joinJudged } from "../join-judged.ts";
import { unreadable } from "../problem.ts";
import type { HashName } from "../public-key.ts";
import { UNSIGNED, type VerdictProblem } from "../verdict.ts";
import type { BesideVerifier } from "../verifier.ts";
import { digestOf } from "../whole-file.ts";
import { judgeBundle } from "./judge-bundle.ts";
import { loadSigstore } from "./library.ts";
import { searchMaker } from "./maker.ts";
import { type ReadBundle, readBundle } from "./read-bundle.ts";
import { readSigstoreTrust } from "./trust.ts";

const ENDINGS = [".sigstore.json", ".sigstore", ".bundle"];

export const sigstore: BesideVerifier = {
  id: "sigstore",
  // Any file can have one.
  formats: FORMATS.map(({ id }) => id),
  async begin(context, whole) {
    const names = ENDINGS.map((ending) => `${context.fileName}${ending}`).filter((name) => context.beside.has(name));
    if (names.length === 0) return () => UNSIGNED;
    const library = await loadSigstore();
    const problems: VerdictProblem[] = [];
    const bundles: ReadBundle[] = [];
    for (const where of names) {
      try {
        const file = context.beside.get(where);
        const bundle = file && (await readBundle(library, file, where));
        if (bundle) bundles.push(bundle);
      } catch (thrown) {
        if (!isBroken(thrown)) throw thrown;
        problems.push(unreadable(thrown, where));
      }
    }
    const trust = readSigstoreTrust(context.trust.keys);
    const begun = bundles.map((bundle) => ({ bundle, search: searchMaker(bundle, trust.keys, whole) }));
    const hashes = new Map(bundles.flatMap(hashesOf).map((name) => [name, whole.hash(name)]));
    return () => {
      const digests = new Map([...hashes].map(([name, hash]) => [name, digestOf(hash)]));
      const asked = { sigstore: library, digests, trust, context };
      return joinJudged(
        begun.map(({ bundle, search }) => judgeBundle(bundle, search, asked)),
        problems,
      );
    };
  },
};

function hashesOf({ signed }: ReadBundle): readonly HashName[] {
  return signed.kind === "message" ? [signed.hash] : signed.statement.subjects.flatMap(({ digests }) => [...digests.keys()]);
}
