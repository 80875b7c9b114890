import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import { readCertificate } from "./certificate.ts";

const der = new X509Certificate(readFileSync(join(REPOSITORY, "fixtures/signatures/windows/keys/signer.pem"))).raw.toString("hex");
/** Key usage, critical: a bit string of one byte. */
const DIGITAL_SIGNATURE = "0603551d0f0101ff040403020780";

describe("what a certificate is for", () => {
  const usages: readonly (readonly [name: string, bits: string, maySignData: boolean, maySignCertificates: boolean])[] = [
    ["digital signature", "80", true, false],
    ["content commitment alone", "40", true, false],
    ["key encipherment alone", "20", false, false],
    ["signing certificates alone", "04", false, true],
  ];
  for (const [name, bits, maySignData, maySignCertificates] of usages)
    it(`${name}: ${maySignData ? "signs data" : "signs no data"}`, () => {
      assert.ok(der.includes(DIGITAL_SIGNATURE));
      const own = readCertificate(Buffer.from(der.replace(DIGITAL_SIGNATURE, DIGITAL_SIGNATURE.slice(0, -2) + bits), "hex"));
      assert.deepEqual([own.maySignData, own.maySignCertificates], [maySignData, maySignCertificates]);
    });
});
