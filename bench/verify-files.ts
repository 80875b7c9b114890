/** Signed files of 100 MB, by the test keys of fixtures/signatures, made with the tools whose speed is compared. */
import { randomBytes } from "node:crypto";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { writePe } from "../fixtures/formats/make/pe.ts";
import { type Entry, writeZip } from "../fixtures/formats/make/zip-writer.ts";
import { entriesOf } from "../fixtures/signatures/make/android-unsigned.ts";
import { APP_FILES, noise, writeAppx } from "../fixtures/signatures/make/windows-unsigned.ts";
import { seconds } from "./measurement.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");
export const ANDROID_KEYS = join(FIXTURES, "signatures/android/keys");
export const WINDOWS_KEYS = join(FIXTURES, "signatures/windows/keys");
const FILE_BYTES = 100 * 1024 * 1024;
const LIBRARIES = 12;
const LIBRARY_BYTES = 5_000_000;
const TEXTS = 1500;
const TEXT_BYTES = 54_000;

/** As apps are: libraries that lie there as they are, and many files that are compressed. `options` are apksigner's. */
export async function makeApk(path: string, minSdk: number, options: readonly string[]): Promise<void> {
  const unsigned = `${path}-unsigned`;
  const libraries = Array.from({ length: LIBRARIES }, (_, index) => ({
    name: `lib/arm64-v8a/lib${index}.so`,
    data: randomBytes(LIBRARY_BYTES),
  }));
  const texts = Array.from({ length: TEXTS }, (_, index) =>
    deflated(`res/raw/text${index}.txt`, randomBytes(TEXT_BYTES / 2).toString("hex")),
  );
  writeFileSync(unsigned, writeZip([...entriesOf(minSdk), ...libraries, ...texts]));
  const by = ["--key", join(ANDROID_KEYS, "new.pk8"), "--cert", join(ANDROID_KEYS, "new.pem"), "--v4-signing-enabled", "false"];
  await seconds(["apksigner", "sign", ...by, ...options, "--in", unsigned, "--out", path]);
  rmSync(unsigned);
}

function deflated(name: string, text: string): Entry {
  const plain = Buffer.from(text);
  const truth = { method: 8, crc: crc32(plain), plain: plain.length };
  return { name, data: deflateRawSync(plain), local: truth, central: truth };
}

export async function makeExe(path: string): Promise<void> {
  writeFileSync(`${path}-unsigned`, writePe({ sections: { ".text": noise(FILE_BYTES, 1) } }));
  await authenticode(path);
}

export async function makeMsi(path: string): Promise<void> {
  const content = `${path}-content`;
  writeFileSync(content, noise(FILE_BYTES, 1));
  copyFileSync(join(FIXTURES, "formats/msi/ok/machine-wide-x64.msi"), `${path}-unsigned`);
  await seconds(["msibuild", `${path}-unsigned`, "-a", "Binary.Large", content]);
  rmSync(content);
  await authenticode(path);
}

export async function makeMsix(path: string): Promise<void> {
  writeFileSync(`${path}-unsigned`, writeAppx([...APP_FILES, { name: "content.bin", data: noise(FILE_BYTES, 1) }]));
  await authenticode(path);
}

async function authenticode(path: string): Promise<void> {
  const key = (name: string): string => join(WINDOWS_KEYS, name);
  const as = ["-certs", key("signer.pem"), "-ac", key("authority.pem"), "-key", key("signer.key.pem"), "-h", "sha256"];
  await seconds(["osslsigncode", "sign", ...as, "-in", `${path}-unsigned`, "-out", path]);
  rmSync(`${path}-unsigned`);
}
