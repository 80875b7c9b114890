import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { der } from "../../../../fixtures/formats/make/apple.ts";
import { isBroken } from "../broken.ts";
import { parseCertificate } from "./certificate.ts";
import { octets, parseFirstDer, renderOid } from "./der.ts";
import { renderName } from "./distinguished-name.ts";
import { parseSignedData } from "./signed-data.ts";

const OID = {
  cn: "550403",
  o: "55040a",
  email: "2a864886f70d010901",
  signedData: "2a864886f70d010702",
  data: "2a864886f70d010701",
} as const;

function attribute(oid: string, tag: number, value: Buffer): Buffer {
  return der(0x30, der(0x06, Buffer.from(oid, "hex")), der(tag, value));
}

function name(...rdns: readonly Buffer[]): Buffer {
  return der(0x30, ...rdns.map((rdn) => der(0x31, rdn)));
}

function certificate(serial: number, issuer: Buffer, subject: Buffer, notAfter: Buffer): Buffer {
  const validity = der(0x30, der(0x17, Buffer.from("200101000000Z")), notAfter);
  return der(
    0x30,
    der(0x30, der(0xa0, der(0x02, Buffer.from([2]))), der(0x02, Buffer.from([serial])), der(0x30), issuer, validity, subject),
  );
}

const utf8 = (text: string): Buffer => attribute(OID.cn, 0x0c, Buffer.from(text));
const shown = (...rdns: readonly Buffer[]): string => renderName(parseFirstDer(name(...rdns)));
const until = der(0x18, Buffer.from("20510203040506Z"));

describe("names", () => {
  it("are written most specific first", () => {
    assert.equal(shown(attribute(OID.o, 0x13, Buffer.from("Lantern")), utf8("灯")), "CN=灯,O=Lantern");
  });

  it("escape what RFC 4514 says", () => {
    assert.equal(shown(utf8(' a,b+c"d\\e<f>g;h ')), 'CN=\\ a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\ ');
    assert.equal(shown(utf8("#1")), "CN=\\#1");
    assert.equal(shown(utf8("a\0b")), "CN=a\\00b");
  });

  it("write unknown types, and text that is none, in hexadecimal", () => {
    assert.equal(shown(attribute(OID.email, 0x16, Buffer.from("a@b"))), "1.2.840.113549.1.9.1=#1603614062");
    assert.equal(shown(attribute(OID.cn, 0x0c, Buffer.from([0xff]))), "CN=#0c01ff");
  });

  it("read the older string types", () => {
    assert.equal(shown(attribute(OID.cn, 0x1e, Buffer.from("00e900e8", "hex"))), "CN=éè");
    assert.equal(shown(attribute(OID.cn, 0x14, Buffer.from([0xe9]))), "CN=é");
  });
});

describe("certificates", () => {
  it("say whose they are and until when", () => {
    const { facts } = parseCertificate(certificate(7, name(utf8("Issuer")), name(utf8("Subject")), until));
    assert.equal(facts.subject, "CN=Subject");
    assert.equal(facts.notAfter, "2051-02-03T04:05:06Z");
  });

  it("leave out a time that is none", () => {
    const { facts } = parseCertificate(certificate(7, name(utf8("Issuer")), name(utf8("Subject")), der(0x17, Buffer.from("no time"))));
    assert.equal("notAfter" in facts, false);
  });
});

describe("signed data", () => {
  const issuer = name(utf8("Issuer"));
  const decoy = certificate(1, issuer, name(utf8("Decoy")), until);
  const own = certificate(2, issuer, name(utf8("Signer")), until);
  const message = (serial: number, content: Buffer): Buffer => {
    const signer = der(
      0x30,
      der(0x02, Buffer.from([1])),
      der(0x30, name(attribute(OID.cn, 0x13, Buffer.from("ISSUER"))), der(0x02, Buffer.from([serial]))),
    );
    const body = der(
      0x30,
      der(0x02, Buffer.from([1])),
      der(0x31),
      der(0x30, der(0x06, Buffer.from(OID.data, "hex")), content),
      der(0xa0, decoy, own),
      der(0x31, signer),
    );
    return der(0x30, der(0x06, Buffer.from(OID.signedData, "hex")), der(0xa0, body));
  };

  it("takes the certificate the signer names, not the first", () => {
    const { signers } = parseSignedData(message(2, der(0xa0, der(0x04, Buffer.from("content")))));
    assert.deepEqual(
      signers.map(({ facts }) => facts.subject),
      ["CN=Signer"],
    );
  });

  it("has no signer when the named certificate is missing", () => {
    assert.deepEqual(parseSignedData(message(9, Buffer.alloc(0))).signers, []);
  });

  it("joins content that BER cuts into pieces, of lengths not said beforehand", () => {
    const pieces = Buffer.concat([
      Buffer.from([0x24, 0x80]),
      der(0x04, Buffer.from("con")),
      der(0x04, Buffer.from("tent")),
      Buffer.from([0, 0]),
    ]);
    const { content } = parseSignedData(message(2, Buffer.concat([Buffer.from([0xa0, 0x80]), pieces, Buffer.from([0, 0])])));
    assert.equal(Buffer.from(content ?? []).toString(), "content");
  });

  it("refuses what is cut short, too long or too deep", () => {
    for (const bytes of [[], [0x30], [0x30, 0x05, 0x00], [0x30, 0x85, 1, 1, 1, 1, 1], [0x1f, 0x00], [0x04, 0x80, 0, 0]]) {
      assert.throws(() => parseSignedData(new Uint8Array(bytes)), isBroken);
    }
    assert.throws(() => parseFirstDer(new Uint8Array(Buffer.alloc(200_000, Buffer.from([0x30, 0x80])))), isBroken);
    assert.throws(() => octets(nestedOctets(40)), isBroken);
  });
});

function nestedOctets(depth: number) {
  let bytes = der(0x04, Buffer.from("x"));
  for (let level = 0; level < depth; level += 1) bytes = der(0x24, bytes);
  return parseFirstDer(bytes);
}

it("object identifiers are dotted", () => {
  assert.equal(renderOid(Buffer.from(OID.signedData, "hex")), "1.2.840.113549.1.7.2");
  assert.equal(renderOid(Buffer.from("883703", "hex")), "2.999.3");
});
