// A NuGet package: a zip with one NAME.nuspec at its top. Squirrel and Velopack ship apps in them. Followed: Microsoft's ".nuspec File
// Reference" and NuGet's "Repository Signatures"; docs/formats/nupkg.md says how each fact is found.
import { type ArtifactFacts, type ArtifactProblem, type ByteSource, limitSource, type SigningFacts } from "@distd/core";
import { attempt, broken, refusingBadText } from "../../broken.ts";
import { readZipIcon } from "../../icons/zip-icon.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { uniqueCertificates } from "../../x509/certificate.ts";
import { parseSignedData } from "../../x509/signed-data.ts";
import { childText, parseXml } from "../../xml/parse-xml.ts";
import { openZip, type Zip } from "../../zip/open-zip.ts";
import { findMetadata, parseDependencies, parseLicense, parseTarget } from "./nuspec.ts";

const NUSPEC = /^[^/]+\.nuspec$/i;
const SIGNATURE = ".signature.p7s";
const RUNTIME = /^runtimes\/([^/]+)\/./;
const MAX_NUSPEC_BYTES = 4 * 1024 * 1024;
const MAX_SIGNATURE_BYTES = 4 * 1024 * 1024;

export const nupkg: Inspector = {
  id: "nupkg",
  factsVersion: 1,
  extensions: [".nupkg"],
  sniff({ name, zipEntries }) {
    const isPackage = zipEntries.includes("[Content_Types].xml") && zipEntries.filter((entry) => NUSPEC.test(entry)).length === 1;
    if (isPackage) return "yes";
    return name.endsWith(".nupkg") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectNupkg(limitSource(source, limits.maxReadBytes), limits)),
  readIcon: readZipIcon,
};

async function inspectNupkg(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const zip = await openZip(source, limits, { contiguous: false });
  const [nuspec, second] = zip.entries.filter(({ name }) => NUSPEC.test(name));
  if (nuspec === undefined) throw broken("nupkg: there is no .nuspec at the top");
  if (second !== undefined) throw broken("nupkg: there is more than one .nuspec at the top");
  if (nuspec.bytes > MAX_NUSPEC_BYTES) throw broken(`${nuspec.name} claims ${nuspec.bytes} bytes, at most ${MAX_NUSPEC_BYTES} are read`);
  const metadata = findMetadata(parseXml(await zip.read(nuspec), limits.maxDepth, nuspec.name), nuspec.name);
  const [identifier, version] = [childText(metadata, "id"), childText(metadata, "version")];
  if (identifier === undefined || version === undefined) throw broken(`${nuspec.name} names no id or no version`);
  const { signing, problems } = await readSignature(zip);
  const icon = childText(metadata, "icon")?.replaceAll("\\", "/");
  return {
    format: nupkg.id,
    factsVersion: nupkg.factsVersion,
    ...parseTarget(metadata),
    identifier,
    version,
    ...present({ name: childText(metadata, "title"), icon: icon !== undefined && zip.find(icon) !== undefined ? icon : undefined }),
    signing,
    problems,
    details: {
      dependencies: parseDependencies(metadata),
      runtimes: [...new Set(zip.entries.map(({ name }) => RUNTIME.exec(name)?.[1]).filter((runtime) => runtime !== undefined))].sort(),
      ...present({
        authors: childText(metadata, "authors"),
        license: parseLicense(metadata),
        description: childText(metadata, "description"),
        mainProgram: childText(metadata, "mainExe"),
        runtime: childText(metadata, "rid"),
      }),
    },
  };
}

/** The author's signature; a gallery's own is inside it, as a counter signature, and no signer of the package. */
async function readSignature(zip: Zip): Promise<{ readonly signing: SigningFacts; readonly problems: readonly ArtifactProblem[] }> {
  const entry = zip.find(SIGNATURE);
  if (entry === undefined) return { signing: { state: "unsigned", schemes: [], certificates: [] }, problems: [] };
  const read = await attempt(async () => {
    if (entry.bytes > MAX_SIGNATURE_BYTES) throw broken(`the signature has ${entry.bytes} bytes`);
    return parseSignedData(await zip.read(entry)).signers;
  });
  const certificates = "value" in read ? uniqueCertificates(read.value.map(({ facts }) => facts)) : [];
  return {
    signing: { state: "unverified", schemes: ["nuget"], certificates },
    problems: "error" in read ? [{ code: "nupkg/signature-damaged", message: `The signature cannot be read: ${read.error.message}` }] : [],
  };
}
