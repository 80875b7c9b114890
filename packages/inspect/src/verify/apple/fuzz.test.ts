// Damaged files give a verdict: no exception, no endless reading, and none is trusted that is not intact.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertVerdicts } from "../../test-support/fuzz/damaged-verdict.ts";
import { readSigned, verifyBytes, verifySource } from "../../test-support/apple/signed-files.ts";
import { packIpa, pack, readTree } from "../../test-support/apple/trees.ts";

const FILES: Readonly<Record<string, Buffer>> = {
  "macho/hardened": readSigned("macho/hardened"),
  "macho/universal": readSigned("macho/universal"),
  "macho/sha1-and-sha256": readSigned("macho/sha1-and-sha256"),
  "macapp/developer-id.zip": readSigned("macapp/developer-id.zip"),
  "macapp/developer-id.tar.xz": readSigned("macapp/developer-id.tar.xz"),
  // Not compressed: damage reaches what is inside.
  "macapp/app.tar": pack(await readTree("macapp/developer-id.zip")),
  "ipa/ad-hoc.ipa": packIpa(await readTree("ipa/ad-hoc.ipa")),
  "dmg/developer-id.dmg": readSigned("dmg/developer-id.dmg"),
};

describe("damaged files", () => {
  for (const [path, bytes] of Object.entries(FILES)) it(path, () => assertVerdicts(bytes, (source) => verifySource(path, source)));
});

describe("files cut short", () => {
  for (const [path, bytes] of Object.entries(FILES))
    it(path, async () => {
      // A tar may end without its last blocks of zeros.
      const end = path.endsWith(".tar") ? bytes.length - 2048 : bytes.length;
      const step = Math.max(1, Math.floor(end / 60));
      for (let length = 0; length < end; length += step)
        assert.notEqual((await verifyBytes(path, bytes.subarray(0, length))).intact, true, `${length} of ${bytes.length}`);
    });
});
