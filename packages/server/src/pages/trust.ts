import type { ArtifactFacts } from "@distd/core";
import type { Words } from "./words/index.ts";

export interface Trust {
  readonly text: string;
  /** `ok` proved; `plain` neither good nor bad; `warn` nothing proves it; `bad` do not install it. */
  readonly state: "ok" | "plain" | "warn" | "bad";
}

/** Nobody expects these to be signed. */
const UNSIGNED_FORMATS: ReadonlySet<string> = new Set(["file", "signature"]);

/** The truth about trust in one line, as the command line says it, in the reader's language. Undefined where nobody expects any. */
export function trustOf({ format, signing }: ArtifactFacts, { trustOf: words }: Words): Trust | undefined {
  if (UNSIGNED_FORMATS.has(format)) return undefined;
  const { state, intact, trusted, signatures = [], schemes } = signing;
  if (state === "unsigned") return { text: words.unsigned, state: "warn" };
  if (intact === undefined) return { text: words.unverified(schemes.join(" + ")), state: "plain" };
  if (!intact) return { text: words.broken, state: "bad" };
  const names = [...new Set(signatures.flatMap(({ signer }) => (signer ? [signer.name] : [])))];
  if (names.length === 0) return { text: words.nobody, state: "warn" };
  const said = signatures.flatMap(({ details }) => (typeof details?.["notarized"] === "boolean" ? [details["notarized"]] : []));
  const notarized = said.length === 0 ? "" : `, ${said.includes(true) ? words.notarized : words.notNotarized}`;
  const name = names.join(words.and);
  return trusted === true
    ? { text: `${words.trusted(name)}${notarized}`, state: "ok" }
    : { text: `${words.intact(name)}${notarized}`, state: "plain" };
}
