// Any zip archive: listed by its directory; of programs the header is read, because it says for which machines they are. Its reader is
// strict (docs/decisions/0010): an archive two programs would unpack differently is refused. docs/formats/zip.md says what is read.
import { type ArtifactFacts, type ByteSource, limitSource, type SigningFacts } from "@distd/core";
import { refusingBadText } from "../../broken.ts";
import { EXECUTABLE_HEAD_BYTES, identifyExecutable } from "../../executable/identify-executable.ts";
import { createListing } from "../../executable/listing.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import type { ZipEntry } from "../../zip/directory.ts";
import { openZip, type Zip } from "../../zip/open-zip.ts";

/** Programs whose header is read, each at the price of one or two reads. */
const MAX_READ_PROGRAMS = 16;
const MAX_PROGRAM_DEPTH = 3;
const PROGRAM_NAME = /(?:^|\/)[^/.]+$|\.(?:exe|dll|so|dylib|node)(?:\.\d+)*$/i;
const JAR_SIGNATURE = /^META-INF\/[^/]+\.(?:RSA|DSA|EC)$/i;
const PACKAGE_SIGNATURE = /^package\/services\/digital-signature\/.*\.psdsxs$/;

export const zip: Inspector = {
  id: "zip",
  factsVersion: 2,
  extensions: [".zip"],
  sniff({ name, zipEntries }) {
    if (zipEntries.length > 0) return "yes";
    return name.endsWith(".zip") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectZip(limitSource(source, limits.maxReadBytes), limits)),
};

async function inspectZip(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const archive = await openZip(source, limits, { contiguous: false, mayHoldUnread: true });
  const listing = createListing();
  for (const { name, bytes } of archive.entries) listing.add(name, name.endsWith("/") ? "folder" : "file", bytes);
  await addPrograms(archive, listing);
  const { folders, files, entries, unpackedBytes, top, executables } = listing.details;
  return {
    format: zip.id,
    factsVersion: zip.factsVersion,
    platform: listing.platform,
    architectures: listing.architectures,
    signing: findSignatures(archive),
    problems: findProblems(archive),
    details: { entries, files, folders, unpackedBytes, ...(top === undefined ? {} : { top }), executables },
  };
}

async function addPrograms(archive: Zip, listing: ReturnType<typeof createListing>): Promise<void> {
  const candidates = archive.entries.filter(
    ({ name, bytes, unread }) =>
      unread === undefined && bytes >= 64 && name.split("/").length <= MAX_PROGRAM_DEPTH && PROGRAM_NAME.test(name),
  );
  for (const entry of candidates.slice(0, MAX_READ_PROGRAMS)) {
    const kind = identifyExecutable(await readHead(archive, entry));
    if (kind !== undefined) listing.addExecutable(entry.name, kind);
  }
}

async function readHead(archive: Zip, entry: ZipEntry): Promise<Uint8Array> {
  if (entry.bytes <= EXECUTABLE_HEAD_BYTES) return archive.read(entry);
  const content = archive.forward(entry);
  try {
    return await content.read(0, EXECUTABLE_HEAD_BYTES);
  } finally {
    await content.close();
  }
}

function findProblems({ entries }: Zip): ArtifactFacts["problems"] {
  const unread = (why: ZipEntry["unread"]): number => entries.filter((entry) => entry.unread === why).length;
  const [encrypted, compressed] = [unread("encrypted"), unread("compression")];
  return [
    ...(encrypted === 0
      ? []
      : [
          {
            code: "zip/encrypted",
            message: `${encrypted} of ${entries.length} entries are encrypted: nobody reads them without the password.`,
          },
        ]),
    ...(compressed === 0
      ? []
      : [
          {
            code: "zip/compression",
            message: `${compressed} of ${entries.length} entries are compressed in a way that what comes with Windows, macOS and Android cannot unpack.`,
          },
        ]),
  ];
}

/** `jar`: a Java archive's signature. `opc`: that of an Open Packaging Conventions package, such as a Visual Studio extension. */
function findSignatures(archive: Zip): SigningFacts {
  const has = (pattern: RegExp): boolean => archive.entries.some(({ name }) => pattern.test(name));
  const schemes = [...(has(JAR_SIGNATURE) ? ["jar"] : []), ...(has(PACKAGE_SIGNATURE) ? ["opc"] : [])];
  return { state: schemes.length === 0 ? "unsigned" : "unverified", schemes, certificates: [] };
}
