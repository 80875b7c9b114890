// A macOS disk image: UDIF around partitions. On an HFS+ or APFS volume the app is read, as in a zip. Followed: see udif/, hfs/ and apfs/.
// docs/formats/dmg.md says how each fact is found.
import { type ArtifactFacts, type ArtifactProblem, type ByteSource, limitSource, type SigningFacts } from "@distd/core";
import { type AppFacts, describeApp } from "../../app-bundle/describe-app.ts";
import { findApps } from "../../app-bundle/find-apps.ts";
import { readAppIcon } from "../../app-bundle/read-app-icon.ts";
import { attempt, refusingBadText } from "../../broken.ts";
import { createBudget } from "../../budget.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { type CodeSignature, parseCodeSignature } from "../../macho/code-signature.ts";
import { present } from "../../present.ts";
import { readUdif } from "../../udif/read-udif.ts";
import { uniqueCertificates } from "../../x509/certificate.ts";
import { findVolume, type Volume } from "./volume.ts";

const ENCRYPTED = "encrcdsa";
const MAX_APPS = 4;
/** What Finder shows for the volume. */
const VOLUME_ICON = ".VolumeIcon.icns";

export const dmg: Inspector = {
  id: "dmg",
  factsVersion: 3,
  extensions: [".dmg"],
  sniff({ head, name }) {
    if (isEncrypted(head)) return "yes";
    return name.endsWith(".dmg") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectDmg(limitSource(source, limits.maxReadBytes), limits)),
  readIcon: readDmgIcon,
};

function isEncrypted(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, ENCRYPTED.length)).toString("latin1") === ENCRYPTED;
}

async function inspectDmg(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const base = { format: dmg.id, factsVersion: dmg.factsVersion, platform: "macos" } as const;
  if (isEncrypted(await source.read(0, Math.min(ENCRYPTED.length, source.size)))) {
    const problems = [{ code: "dmg/encrypted", message: "It is encrypted; nobody opens it without the password." }];
    const signing: SigningFacts = { state: "unsigned", schemes: [], certificates: [] };
    return { ...base, architectures: [], signing, problems, details: { encrypted: true } };
  }
  const budget = createBudget(limits.maxInflatedBytes);
  const image = await readUdif(source, budget, limits.maxDepth);
  const volume = await attempt(() => findVolume(image.partitions, limits.maxEntries, budget));
  const apps = "value" in volume ? await readApps(volume.value, limits.maxDepth) : { facts: [], problems: [] };
  const signature = await readSignature(image.signature, limits.maxDepth);
  const [app] = apps.facts.length === 1 ? apps.facts : [];
  return {
    ...base,
    ...(app ?? { architectures: [] }),
    ...present({ icon: app?.icon ?? findVolumeIcon("value" in volume ? volume.value : undefined) }),
    signing: joinSigning(image.signature !== undefined, signature.value, app?.signing),
    problems: [...signature.problems, ...volumeProblems(volume), ...apps.problems, ...(app?.problems ?? [])],
    details: {
      ...app?.details,
      partitions: image.partitions.map(({ name }) => name),
      license: image.hasLicense,
      imageSigned: image.signature !== undefined,
      imageStapled: signature.value?.ticket ?? false,
      ...present({
        fileSystem: "value" in volume ? volume.value?.fileSystem : undefined,
        volume: "value" in volume ? volume.value?.name : undefined,
        encrypted: "value" in volume ? volume.value?.isEncrypted : undefined,
        apps: apps.facts.length > 1 ? apps.facts.map(shortFacts) : undefined,
      }),
    },
  };
}

function findVolumeIcon(volume: Volume | undefined): string | undefined {
  return volume?.files?.has(VOLUME_ICON) === true ? VOLUME_ICON : undefined;
}

async function readDmgIcon(source: ByteSource, icon: string, limits: InspectLimits): Promise<Uint8Array | undefined> {
  const budget = createBudget(limits.maxInflatedBytes);
  const image = await readUdif(source, budget, limits.maxDepth);
  const volume = await findVolume(image.partitions, limits.maxEntries, budget);
  return readAppIcon(volume?.files, icon);
}

function shortFacts({ identifier, version, details }: AppFacts): Readonly<Record<string, unknown>> {
  return present({ path: details["app"], identifier, version });
}

async function readApps(
  volume: Volume | undefined,
  maxDepth: number,
): Promise<{ readonly facts: readonly AppFacts[]; readonly problems: readonly ArtifactProblem[] }> {
  const facts: AppFacts[] = [];
  const problems: ArtifactProblem[] = [];
  const files = volume?.files;
  if (files === undefined) return { facts, problems };
  for (const app of findApps(files.paths).slice(0, MAX_APPS)) {
    const read = await attempt(() => describeApp(files, app, dmg.id, maxDepth));
    if ("value" in read) facts.push(read.value);
    else problems.push({ code: "dmg/app-damaged", message: `${app.slice(0, -1)} cannot be read: ${read.error.message}` });
  }
  return { facts, problems };
}

function volumeProblems(volume: Awaited<ReturnType<typeof attempt<Volume | undefined>>>): readonly ArtifactProblem[] {
  if ("value" in volume) {
    const problem = { code: "dmg/encrypted", message: "Its volume is encrypted; nobody opens it without the password." };
    return volume.value?.isEncrypted === true ? [problem] : [];
  }
  return [{ code: "dmg/volume-unread", message: `What is in it cannot be read: ${volume.error.message}` }];
}

async function readSignature(
  bytes: Uint8Array | undefined,
  maxDepth: number,
): Promise<{ readonly value?: CodeSignature; readonly problems: readonly ArtifactProblem[] }> {
  if (bytes === undefined) return { problems: [] };
  const read = await attempt(() => parseCodeSignature(bytes, maxDepth));
  if ("value" in read) return { value: read.value, problems: [] };
  return { problems: [{ code: "dmg/signature-damaged", message: `The image's code signature cannot be read: ${read.error.message}` }] };
}

/** The image's signature and that of the app in it. */
function joinSigning(imageSigned: boolean, image: CodeSignature | undefined, app: SigningFacts | undefined): SigningFacts {
  const isSigned = imageSigned || app?.state === "unverified";
  const certificates = [...(image?.signers ?? []).map(({ facts }) => facts), ...(app?.certificates ?? [])];
  return {
    state: isSigned ? "unverified" : "unsigned",
    schemes: isSigned ? ["codesign"] : [],
    certificates: uniqueCertificates(certificates),
  };
}
