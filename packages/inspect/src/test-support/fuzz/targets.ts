import { gunzipSync } from "node:zlib";
import { memorySource } from "@distd/core";
import { gzipStored } from "../../../../../fixtures/formats/make/tar-writer.ts";
import { writeZip } from "../../../../../fixtures/formats/make/zip-writer.ts";
import { checksumOf, hasRightChecksum } from "../../apfs/checksum.ts";
import { attempt } from "../../broken.ts";
import { DEFAULT_LIMITS } from "../../index.ts";
import { openZip } from "../../zip/open-zip.ts";
import { type Fixture, listFixtures, readFixture } from "../fixtures.ts";
import { type Damage, damage } from "./damage.ts";

/** Something of a fixture that can be damaged while what is around it stays sound. */
export interface FuzzTarget {
  readonly fixture: string;
  /** What is damaged: `whole`, or the part. */
  readonly part: string;
  make(list: readonly Damage[]): Uint8Array;
}

/** Parts of a zip that are parsed. Damaged inside a sound zip, or checksums would stop nearly all damage at the door. */
const PARSED_PARTS =
  /AndroidManifest\.xml$|resources\.arsc$|\.RSA$|\.SF$|Info\.plist$|embedded\.mobileprovision$|\.app\/[A-Za-z-]+$|METADATA$|WHEEL$|Package\.swift$|\.pb$|Appx[A-Za-z]+\.xml$|\.p7x$|\.nuspec$|\.p7s$/;
const SIGNING_BLOCK_MAGIC = "APK Sig Block 42";
const SIGNING_BLOCK_WINDOW_BYTES = 12_000;

export async function fuzzTargets(format: string): Promise<readonly FuzzTarget[]> {
  const targets = await Promise.all(listFixtures(format, "ok").map(targetsOf));
  return targets.flat();
}

async function targetsOf(fixture: Fixture): Promise<readonly FuzzTarget[]> {
  const whole = readFixture(fixture);
  const inside = [...(await zipParts(whole)), ...gzipContent(whole), ...tarHeaders(whole), ...signingBlock(whole), ...diskImage(whole)];
  return [{ part: "whole", make: (list: readonly Damage[]) => damage(whole, list) }, ...inside].map((target) => ({
    fixture: fixture.name,
    ...target,
  }));
}

type Part = Omit<FuzzTarget, "fixture">;

async function zipParts(whole: Uint8Array): Promise<readonly Part[]> {
  const opened = await attempt(() => openZip(memorySource(whole), DEFAULT_LIMITS, { contiguous: false }));
  if ("error" in opened) return [];
  const zip = opened.value;
  const parts = await Promise.all(
    zip.entries
      .filter((entry) => PARSED_PARTS.test(entry.name))
      .map(async (entry) => ({ name: entry.name, data: Buffer.from(await zip.read(entry)) })),
  );
  return parts.map((target) => ({
    part: target.name,
    make: (list) => writeZip(parts.map((part) => (part === target ? { ...part, data: Buffer.from(damage(part.data, list)) } : part))),
  }));
}

/** What a gzip holds: its checksum would hide damage. */
function gzipContent(whole: Uint8Array): readonly Part[] {
  if (whole[0] !== 0x1f || whole[1] !== 0x8b) return [];
  const content = new Uint8Array(gunzipSync(whole));
  const parts = [
    { part: "gzip content", mend: (bytes: Uint8Array) => bytes },
    ...(isTar(content) ? [{ part: "tar in gzip", mend: mendTar }] : []),
  ];
  return parts.map(({ part, mend }) => ({ part, make: (list) => gzipStored(Buffer.from(mend(damage(content, list)))) }));
}

/** A tar whose headers have right checksums in spite of the damage. */
function tarHeaders(whole: Uint8Array): readonly Part[] {
  return isTar(whole) ? [{ part: "tar", make: (list) => mendTar(damage(whole, list)) }] : [];
}

const TAR_BLOCK_BYTES = 512;
const TAR_MAGIC = "ustar";
const isTar = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(257, 262)).toString("latin1") === TAR_MAGIC;

function mendTar(bytes: Uint8Array): Uint8Array {
  for (let at = 0; at + TAR_BLOCK_BYTES <= bytes.length; at += TAR_BLOCK_BYTES) {
    const header = bytes.subarray(at, at + TAR_BLOCK_BYTES);
    if (!isTar(header)) continue;
    header.fill(0x20, 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.set(Buffer.from(`${sum.toString(8).padStart(6, "0")}\0 `, "latin1"), 148);
  }
  return bytes;
}

/** Damaged in place, so that the block is still found. */
function signingBlock(whole: Uint8Array): readonly Part[] {
  const end = Buffer.from(whole).lastIndexOf(SIGNING_BLOCK_MAGIC) - 8;
  if (end < 0) return [];
  const start = Math.max(0, end - SIGNING_BLOCK_WINDOW_BYTES);
  return [
    {
      part: "signing block",
      make(list) {
        return Buffer.concat([whole.subarray(0, start), damageInPlace(whole.subarray(start, end), list), whole.subarray(end)]);
      },
    },
  ];
}

function damageInPlace(bytes: Uint8Array, list: readonly Damage[]): Uint8Array {
  return damage(
    bytes,
    list.filter(({ kind }) => kind !== "cut" && kind !== "drop" && kind !== "repeat"),
  );
}

const APFS_BLOCK_BYTES = 4096;

/** The chunks of a disk image; and when they are plain APFS, its objects with right checksums in spite of the damage. */
function diskImage(whole: Uint8Array): readonly Part[] {
  const image = Buffer.from(whole);
  const trailer = image.length - 512;
  if (trailer < 0 || image.toString("latin1", trailer, trailer + 4) !== "koly") return [];
  const end = Number(image.readBigUInt64BE(trailer + 216));
  const chunks = (list: readonly Damage[]): Buffer => Buffer.concat([damageInPlace(whole.subarray(0, end), list), whole.subarray(end)]);
  const parts: Part[] = [{ part: "chunks", make: chunks }];
  if (image.toString("latin1", 32, 36) === "NXSB")
    parts.push({ part: "apfs", make: (list) => mendObjects(chunks(list), image.subarray(0, end)) });
  return parts;
}

function mendObjects(bytes: Buffer, sound: Uint8Array): Uint8Array {
  for (let at = 0; at + APFS_BLOCK_BYTES <= sound.length; at += APFS_BLOCK_BYTES) {
    const block = bytes.subarray(at, at + APFS_BLOCK_BYTES);
    if (hasRightChecksum(sound.subarray(at, at + APFS_BLOCK_BYTES))) block.set(checksumOf(block), 0);
  }
  return bytes;
}
