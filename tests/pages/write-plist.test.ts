// What is written reads back the same in Python's plistlib, whatever the letters.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type PlistNode, writePlist } from "../../packages/server/src/delivery/write-plist.ts";

const READ = "import json,plistlib,sys; print(json.dumps([plistlib.loads(one.encode()) for one in json.load(sys.stdin)]))";
const NASTY = ["]]>", "</string><key>url</key>", "&lt;&#60;", `"'`, "a\r\nb\tc", " spaces ", "\ud800 alone", "nul\0", "\ufffe", "灯🏮", ""];

// oxlint-disable-next-line no-control-regex -- these are the ones
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
/** What XML can carry of a text. */
const carried = (text: string): string => text.toWellFormed().replace(CONTROL, "");

function read(nodes: readonly PlistNode[]): unknown {
  const input = JSON.stringify(nodes.map(writePlist));
  return JSON.parse(execFileSync("python3", ["-c", READ], { input, encoding: "utf8" }));
}

describe("writePlist", { skip: Bun.which("python3") === null && !process.env["CI"] }, () => {
  it("carries marks, quotes, ends of lines and other scripts as text, and leaves out what XML cannot carry", () => {
    const nodes = NASTY.map((text) => ({ [text]: [text] }));
    assert.deepEqual(
      read(nodes),
      NASTY.map((text) => ({ [carried(text)]: [carried(text)] })),
    );
  });

  it("writes a thousand lists of lists that read back the same", () => {
    const text = fc.string({ unit: "binary" }).map(carried);
    const keys = text.filter((key) => key !== "__proto__");
    const { node } = fc.letrec<{ readonly node: PlistNode }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.array(tie("node"), { maxLength: 4 }),
        fc.dictionary(keys, tie("node"), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    const nodes = fc.sample(node, 1000);
    assert.deepEqual(read(nodes), nodes);
  });
});
