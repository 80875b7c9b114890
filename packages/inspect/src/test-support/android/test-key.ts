import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { der } from "../../../../../fixtures/formats/make/apple.ts";
import { REPOSITORY } from "../fixtures.ts";

export const SIGNED = join(REPOSITORY, "fixtures/signatures/android");

/** A key that only this run has, and a certificate it made for itself. */
export interface TestKey {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly certificate: Buffer;
  readonly spki: Buffer;
  readonly family: "rsa" | "ec";
}

const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const NULL = der(0x05);
export const SHA256 = der(0x30, oid("608648016503040201"), NULL);
export const SIGNATURES = {
  rsa: der(0x30, oid("2a864886f70d01010b"), NULL),
  ec: der(0x30, oid("2a8648ce3d040302")),
} as const;
const integer = (value: number): Buffer => der(0x02, Buffer.of(value));
export const nameOf = (text: string): Buffer => der(0x30, der(0x31, der(0x30, oid("550403"), der(0x0c, Buffer.from(text)))));

export function makeKey(name: string, family: "rsa" | "ec" = "ec", serial = 1): TestKey {
  const { privateKey, publicKey } =
    family === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const spki = publicKey.export({ format: "der", type: "spki" });
  return { name, privateKey, spki, family, certificate: makeCertificate({ name, privateKey, spki, family }, serial) };
}

/** With another name or number: another certificate of the same key. */
export function makeCertificate({ name, privateKey, spki, family }: Omit<TestKey, "certificate">, serial = 1): Buffer {
  const validity = der(0x30, der(0x17, Buffer.from("260101000000Z")), der(0x17, Buffer.from("360101000000Z")));
  const body = der(
    0x30,
    der(0xa0, integer(2)),
    integer(serial),
    SIGNATURES[family],
    nameOf(name),
    validity,
    nameOf(name),
    Buffer.from(spki),
  );
  return der(0x30, body, SIGNATURES[family], der(0x03, Buffer.of(0), sign("sha256", body, privateKey)));
}

/** One of the committed test keys: everybody has it. */
export function fixtureKey(name: string): TestKey {
  const privateKey = createPrivateKey({ key: readFileSync(join(SIGNED, `keys/${name}.pk8`)), format: "der", type: "pkcs8" });
  const certificate = fixtureCertificate(name);
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return { name, privateKey, spki, certificate, family: privateKey.asymmetricKeyType === "rsa" ? "rsa" : "ec" };
}

export function fixtureCertificate(name: string): Buffer {
  const pem = readFileSync(join(SIGNED, `keys/${name}.pem`), "utf8");
  return Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ""), "base64");
}
