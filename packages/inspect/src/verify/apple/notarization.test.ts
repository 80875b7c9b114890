import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TicketRecipe, writeTicket } from "../../../../../fixtures/signatures/make/apple-ticket.ts";
import { NO_TRUST } from "../verifier.ts";
import { contextOf, readSigned, verifyBytes } from "../../test-support/apple/signed-files.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import { pack, readTree, type Tree } from "../../test-support/apple/trees.ts";
import { judgeTicket, parseTicket } from "./ticket.ts";

const OTHER = `2:${"00".repeat(20)}`;
const mac = await readTree("macapp/developer-id.zip");
const own = await cdhashesOf("macapp/developer-id.zip");

/** As tickets write them: `2:HEX`. */
async function cdhashesOf(path: string): Promise<readonly string[]> {
  const { signatures } = await verifyBytes(path, readSigned(path));
  const slices = signatures[0]?.details?.["cdhashes"] as readonly { readonly hashes: readonly string[] }[];
  return slices.flatMap(({ hashes }) => hashes.map((hash) => hash.replace("sha256:", "2:").replace("sha1:", "1:")));
}

function stapled(ticket: Buffer): Buffer {
  const tree: Tree = new Map(mac);
  tree.set("Lantern.app/Contents/CodeResources", ticket);
  return pack(tree);
}

describe("a stapled ticket", () => {
  it("that lists the code proves it", async () => {
    const verdict = await verifyBytes("macapp/app.tar", stapled(writeTicket({ hashes: [OTHER, ...own] })));
    assert.equal(stateOf(verdict), "intact trusted");
    assert.equal(verdict.signatures[0]?.details?.["notarized"], true);
    assert.equal(verdict.signatures[0]?.details?.["notarizedAt"], "2025-06-01T12:30:00Z");
  });

  const NOT: Readonly<Record<string, TicketRecipe>> = {
    "lists other code": { hashes: [OTHER] },
    "lists nothing": { hashes: [] },
    "lists the code as of another hash": { hashes: own.map((hash) => hash.replace("2:", "1:")) },
    "is signed by another key": { hashes: own, key: "system-integration" },
    "is signed for something else": { hashes: own, certificates: ["developer-id", "developer-id-authority"], key: "developer-id" },
    "comes without the authority": { hashes: own, certificates: ["tickets"] },
    "comes with another authority": { hashes: own, certificates: ["tickets", "developer-relations"] },
    "is older than its signer": { hashes: own, at: new Date("2023-01-01T00:00:00Z") },
  };
  for (const [what, recipe] of Object.entries(NOT))
    it(`that ${what} proves nothing`, async () => {
      const verdict = await verifyBytes("macapp/app.tar", stapled(writeTicket(recipe)));
      assert.equal(stateOf(verdict), "intact trusted not-notarized");
      assert.equal(verdict.signatures[0]?.details?.["notarized"], false);
    });

  it("that nobody trusted signed proves nothing", async () => {
    const ticket = writeTicket({ hashes: own });
    const context = contextOf("macapp/app.tar", { trust: NO_TRUST });
    assert.match(judgeTicket(ticket, context).doubt ?? "", /is missing or not its issuer's/);
    assert.equal(judgeTicket(ticket, contextOf("macapp/app.tar")).doubt, undefined);
  });

  it("with one bit flipped anywhere proves nothing", async () => {
    const ticket = writeTicket({ hashes: own });
    const context = contextOf("macapp/app.tar");
    for (let at = 0; at < ticket.length; at += 7) {
      const { doubt, ticket: read } = judgeTicket(flipped(ticket, at), context);
      assert.ok(doubt !== undefined || !own.every((hash) => read?.hashes.has(hash)), `${at}`);
    }
  });

  it("that is cut short, or longer, is none", () => {
    const ticket = writeTicket({ hashes: own });
    for (let length = 0; length < ticket.length - 8; length += 5) assert.throws(() => parseTicket(ticket.subarray(0, length)), `${length}`);
    assert.throws(() => parseTicket(Buffer.concat([ticket, Buffer.from("more")])));
  });
});

const image = readSigned("dmg/developer-id.dmg");

/** The image with a ticket in its signature, which needs no new signature: nothing covers the slot. */
function stapledImage(ticket: Buffer): Buffer {
  const koly = Buffer.from(image.subarray(image.length - 512));
  const at = Number(koly.readBigUInt64BE(296));
  const signed = image.subarray(at, image.length - 512);
  const count = signed.readUInt32BE(8);
  const rows = Array.from({ length: count }, (_, index) => signed.subarray(12 + index * 8, 20 + index * 8));
  const body = signed.subarray(12 + count * 8);
  const moved = rows.map((one) => {
    const copy = Buffer.from(one);
    copy.writeUInt32BE(one.readUInt32BE(4) + 8, 4);
    return copy;
  });
  const row = Buffer.alloc(8);
  row.writeUInt32BE(0x10002, 0);
  row.writeUInt32BE(12 + (count + 1) * 8 + body.length, 4);
  const wrapped = Buffer.concat([Buffer.from("fade0b0100000000", "hex"), ticket]);
  wrapped.writeUInt32BE(wrapped.length, 4);
  const head = Buffer.from(signed.subarray(0, 12));
  const signature = Buffer.concat([head, ...moved, row, body, wrapped]);
  signature.writeUInt32BE(signature.length, 4);
  signature.writeUInt32BE(count + 1, 8);
  koly.writeBigUInt64BE(BigInt(signature.length), 304);
  return Buffer.concat([image.subarray(0, at), signature, koly]);
}

describe("a stapled image", () => {
  it("is notarized by a ticket that lists it", async () => {
    const hashes = await cdhashesOf("dmg/developer-id.dmg");
    const verdict = await verifyBytes("dmg/image.dmg", stapledImage(writeTicket({ hashes })));
    assert.equal(stateOf(verdict), "intact trusted");
    assert.equal(verdict.signatures[0]?.details?.["notarized"], true);
  });

  it("is not notarized by a ticket for another, nor by one that is none", async () => {
    for (const ticket of [writeTicket({ hashes: [OTHER] }), Buffer.from("s8ch"), Buffer.from("none")])
      assert.equal(stateOf(await verifyBytes("dmg/image.dmg", stapledImage(ticket))), "intact trusted not-notarized");
  });
});
