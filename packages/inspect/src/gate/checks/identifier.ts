import type { ArtifactFacts } from "@distd/core";
import type { Check } from "../check.ts";

/** What the linker signed carries the name of the output file, which nobody chose and no system looks at. */
function chosenIdentifier({ identifier, details }: ArtifactFacts): string | undefined {
  const signature = details["codeSignature"] as { readonly linkerSigned?: boolean } | undefined;
  return signature?.linkerSigned === true ? undefined : identifier;
}

/** Devices take another identifier for another app: nobody would get the update. */
export const identifierChanged: Check = {
  id: "gate/identifier-changed",
  title: "The identifier is another one than what is live",
  fix: "publish to the app this identifier belongs to, or build with the identifier that is live",
  about: "identity",
  severity: () => "error",
  find({ facts }, live) {
    const [offered, known] = [chosenIdentifier(facts), live && chosenIdentifier(live.facts)];
    if (!offered || !known || offered === known) return undefined;
    return { message: `its identifier is ${offered}, what is live is ${known}`, live: known, offered };
  },
};

export const identifierNotAllowed: Check = {
  id: "gate/identifier-not-allowed",
  title: "The app's identity rules do not name this identifier",
  fix: "add the identifier to the app's rules, or build with one they name",
  about: "identity",
  severity: () => "error",
  find({ facts }, _live, { rules }) {
    const offered = chosenIdentifier(facts);
    if (!rules.identifiers || !offered || rules.identifiers.includes(offered)) return undefined;
    return { message: `its identifier ${offered} is not among ${rules.identifiers.join(", ")}`, offered };
  },
};

export const platformNotAllowed: Check = {
  id: "gate/platform-not-allowed",
  title: "The app's rules do not name this platform",
  fix: "add the platform to the app's rules",
  about: "identity",
  severity: () => "error",
  find({ facts }, _live, { rules }) {
    if (!rules.platforms || facts.platform === "any" || rules.platforms.includes(facts.platform)) return undefined;
    return { message: `it is for ${facts.platform}, the app for ${rules.platforms.join(", ")}`, offered: facts.platform };
  },
};
