// A signature, or a list of digests, in a file beside what it is about. It is told by its content: `.sig` and `.asc` may be anything.
// docs/formats/signature.md says how.
import { broken } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import { SNIFF_BYTES } from "../../limits.ts";
import { familyOf } from "./family.ts";

export const signature: Inspector = {
  id: "signature",
  factsVersion: 1,
  extensions: [],
  sniff({ head, name }) {
    const found = familyOf(head);
    return found && (found.ending === undefined || name.endsWith(found.ending)) ? "yes" : "no";
  },
  async inspect(source, limits) {
    const found = familyOf(await source.read(0, Math.min(limits.maxReadBytes, SNIFF_BYTES, source.size)));
    if (!found) throw broken("signature: it is none that is known");
    return {
      format: signature.id,
      factsVersion: signature.factsVersion,
      platform: "any",
      architectures: ["any"],
      signing: { state: "unsigned", schemes: [], certificates: [] },
      problems: [],
      details: { family: found.family },
    };
  },
};
