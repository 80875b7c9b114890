// What kind of signer a certificate is for, by the marks Apple puts on it. Apple's own tools name the kinds so; see docs/signatures/apple.md
// for where each mark is documented.
import type { X509 } from "../x509/certificate.ts";
import { OID } from "./oids.ts";
import { isAppleRoot } from "./roots/index.ts";

/** What is signed: a kind of signer is for some of these. */
export type Place = "mac" | "ios" | "disk-image" | "installer";

interface Kind {
  readonly name: string;
  /** All of them are on the certificate. */
  readonly marks: readonly string[];
  readonly places: readonly Place[];
  /** On the authority above it, when Apple stands for it. */
  readonly authority?: string;
  /** The system does not look at the dates of its chain: only Apple has such keys. */
  readonly isEndless?: boolean;
}

const MARK = "1.2.840.113635.100.6.1.";

/** Those with more marks first: a newer certificate has the marks of the older ones it stands for. */
const KINDS: readonly Kind[] = [
  {
    name: "Apple Development",
    marks: [`${MARK}2`, `${MARK}12`],
    places: ["mac", "ios", "disk-image"],
    authority: OID.worldwideDeveloperRelations,
  },
  { name: "Apple Distribution", marks: [`${MARK}4`, `${MARK}7`], places: ["mac", "ios"], authority: OID.worldwideDeveloperRelations },
  {
    name: "Developer ID Application",
    marks: [`${MARK}13`],
    places: ["mac", "disk-image"],
    authority: OID.developerIdAuthority,
  },
  { name: "Developer ID Installer", marks: [`${MARK}14`], places: ["installer"], authority: OID.developerIdAuthority },
  { name: "iPhone Developer", marks: [`${MARK}2`], places: ["ios"], authority: OID.worldwideDeveloperRelations },
  { name: "iPhone Distribution", marks: [`${MARK}4`], places: ["ios"], authority: OID.worldwideDeveloperRelations },
  { name: "Mac Developer", marks: [`${MARK}12`], places: ["mac", "disk-image"], authority: OID.worldwideDeveloperRelations },
  { name: "3rd Party Mac Developer Application", marks: [`${MARK}7`], places: ["mac"], authority: OID.worldwideDeveloperRelations },
  { name: "3rd Party Mac Developer Installer", marks: [`${MARK}8`], places: ["installer"], authority: OID.worldwideDeveloperRelations },
  { name: "TestFlight", marks: [`${MARK}25.1`], places: ["ios"], authority: OID.worldwideDeveloperRelations },
  { name: "App Store", marks: [`${MARK}3`], places: ["ios"], isEndless: true },
  { name: "Mac App Store", marks: [`${MARK}9`], places: ["mac"] },
  { name: "Mac App Store Installer", marks: [`${MARK}10`], places: ["installer"] },
];

/** Apple's own software, which has no mark on older certificates: `anchor apple`. */
const SOFTWARE: Kind = { name: "Apple Software Signing", marks: [], places: ["mac", "ios", "disk-image", "installer"], isEndless: true };
const SOFTWARE_SUBJECT = /(?:^|,)CN=Software Signing(?:,|$)/;
const SOFTWARE_AUTHORITY = /(?:^|,)CN=Apple Code Signing Certification Authority(?:,|$)/;

export type Identity = Pick<Kind, "name" | "places" | "isEndless">;

/** Undefined: a certificate that is none of Apple's kinds. */
export function identityOf({ extensions }: Pick<X509, "extensions">): Identity | undefined {
  return kindOf(extensions);
}

/** The same, known who stands for it: what Apple did not issue for signing software is not that, whatever else Apple issued it for. */
export function identityInChain(chain: readonly X509[]): Identity | undefined {
  const [own, authority] = chain;
  if (own === undefined) return undefined;
  if (!isAppleRoot(chain.at(-1))) return kindOf(own.extensions);
  const isSoftware = SOFTWARE_SUBJECT.test(own.facts.subject) && SOFTWARE_AUTHORITY.test(authority?.facts.subject ?? "");
  if (isSoftware && chain.length === 3) return SOFTWARE;
  const kind = kindOf(own.extensions);
  return kind?.authority === undefined || authority?.extensions.has(kind.authority) === true ? kind : undefined;
}

function kindOf(extensions: ReadonlySet<string>): Kind | undefined {
  return KINDS.find(({ marks }) => marks.every((mark) => extensions.has(mark)));
}

/** Whether nobody but Apple signs so: the system does not hold the chain's dates against it. */
export function isSignedByAppleItself(own: X509): boolean {
  return identityOf(own)?.isEndless === true || SOFTWARE_SUBJECT.test(own.facts.subject);
}
