// v1 as a signer writes it, with a way into each step: what the manifest says, what is signed, who says to have signed.
import { createHash, sign } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { der } from "../../../../../fixtures/formats/make/apple.ts";
import type { Entry } from "../../../../../fixtures/formats/make/zip-writer.ts";
import { nameOf, SHA256, SIGNATURES, type TestKey } from "./test-key.ts";

const SIGNED_DATA = der(0x06, Buffer.from("2a864886f70d010702", "hex"));
const DATA = der(0x06, Buffer.from("2a864886f70d010701", "hex"));
const CRLF = "\r\n";

export interface JarRecipe {
  readonly keys: readonly TestKey[];
  /** Entries that the manifest leaves out. */
  readonly leaveOut?: readonly string[];
  /** Entries that a signer's file leaves out, by the signer's name. */
  readonly unsigned?: Readonly<Record<string, readonly string[]>>;
  /** The manifest after all digests were made. */
  readonly manifest?: (text: string) => string;
  readonly signatureFile?: (text: string) => string;
  /** Schemes the signers say they used as well: `2, 3`. */
  readonly alsoSigned?: string;
  /** No digest of the whole manifest: the sections decide. */
  readonly sectionsOnly?: boolean;
  readonly block?: (parts: CmsRecipe) => CmsRecipe;
}

export interface CmsRecipe {
  readonly key: TestKey;
  /** Certificates in the order they are enclosed. */
  readonly enclosed: readonly Buffer[];
  readonly serial: number;
}

const plainData = ({ data, central }: Entry): Buffer => (central?.method === 8 ? inflateRawSync(data) : data);
const hash = (data: Buffer | string): string => createHash("sha256").update(data).digest("base64");
const section = (name: string, digest: string): string => `Name: ${name}${CRLF}SHA-256-Digest: ${digest}${CRLF}${CRLF}`;

/** The entries with META-INF before them. */
export function signJar(entries: readonly Entry[], recipe: JarRecipe): readonly Entry[] {
  const listed = entries.filter(({ name }) => !name.startsWith("META-INF/") && !(recipe.leaveOut ?? []).includes(name));
  const main = `Manifest-Version: 1.0${CRLF}${CRLF}`;
  const sections = listed.map((entry) => ({ name: entry.name, text: section(entry.name, hash(plainData(entry))) }));
  const plain = main + sections.map(({ text }) => text).join("");
  const manifest = recipe.manifest?.(plain) ?? plain;
  const signatures = recipe.keys.flatMap((key) => {
    const also = recipe.alsoSigned === undefined ? "" : `X-Android-APK-Signed: ${recipe.alsoSigned}${CRLF}`;
    const whole = recipe.sectionsOnly ? "" : `SHA-256-Digest-Manifest: ${hash(plain)}${CRLF}`;
    const own = sections.filter(({ name }) => !(recipe.unsigned?.[key.name] ?? []).includes(name));
    const text = `Signature-Version: 1.0${CRLF}${also}${whole}${CRLF}${own.map((one) => section(one.name, hash(one.text))).join("")}`;
    const signatureFile = Buffer.from(recipe.signatureFile?.(text) ?? text);
    const parts: CmsRecipe = { key, enclosed: [key.certificate], serial: 1 };
    return [
      { name: `META-INF/${key.name}.SF`, data: signatureFile },
      { name: `META-INF/${key.name}.${key.family.toUpperCase()}`, data: signCms(Buffer.from(text), recipe.block?.(parts) ?? parts) },
    ];
  });
  return [{ name: "META-INF/MANIFEST.MF", data: Buffer.from(manifest) }, ...signatures, ...entries];
}

/** Directly over the content, without attributes. */
export function signCms(content: Buffer, { key, enclosed, serial }: CmsRecipe): Buffer {
  const integer = (value: number): Buffer => der(0x02, Buffer.of(value));
  const signer = der(
    0x30,
    integer(1),
    der(0x30, nameOf(key.name), integer(serial)),
    SHA256,
    SIGNATURES[key.family],
    der(0x04, sign("sha256", content, key.privateKey)),
  );
  const body = der(0x30, integer(1), der(0x31, SHA256), der(0x30, DATA), der(0xa0, ...enclosed), der(0x31, signer));
  return der(0x30, SIGNED_DATA, der(0xa0, body));
}
