import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { preferred } from "./accept.ts";

const OFFERED = ["text/html; charset=utf-8", "application/vnd.pypi.simple.v1+json", "application/json"] as const;
const [HTML, PYPI, JSON_TYPE] = OFFERED;

describe("what an Accept header likes best", () => {
  const cases: readonly (readonly [accept: string, best: string])[] = [
    ["", HTML],
    ["*/*", HTML],
    ["image/png", HTML],
    ["text/html", HTML],
    ["application/json", JSON_TYPE],
    ["APPLICATION/JSON;Q=0.5", JSON_TYPE],
    ["application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01", PYPI],
    ["text/html;q=0.4, application/json;q=0.5", JSON_TYPE],
    ["application/*", PYPI],
    ["application/*;q=0.2, application/json;q=0.3, text/html;q=0.1", JSON_TYPE],
    // What names a type says more than what names all.
    ["*/*, text/html;q=0", PYPI],
    ["application/json;q=0, application/*", PYPI],
    ["application/json;q=nonsense, application/vnd.pypi.simple.v1+json;q=0.1", PYPI],
    [",,;;=", HTML],
  ];
  for (const [accept, best] of cases) it(`${JSON.stringify(accept)} → ${best}`, () => assert.equal(preferred(accept, OFFERED), best));

  it("takes whatever comes over the wire", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (accept) => assert.ok(OFFERED.includes(preferred(accept, OFFERED)))));
  });
});
