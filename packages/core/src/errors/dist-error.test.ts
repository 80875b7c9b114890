import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ERROR_CODES, type ErrorCode } from "./codes.ts";
import { asDistError, DistError, fromProblem, toProblem } from "./dist-error.ts";

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

describe("DistError", () => {
  it("takes hint and status from the table unless told otherwise", () => {
    const plain = new DistError("app/not-found", "there is no app 'x'");
    assert.deepEqual(
      [plain.name, plain.message, plain.hint, plain.entry],
      ["DistError", "there is no app 'x'", ERROR_CODES["app/not-found"].hint, ERROR_CODES["app/not-found"]],
    );
    assert.deepEqual(plain.details, {});
    assert.equal("cause" in plain, false);
    const cause = new Error("why");
    const told = new DistError("app/not-found", "x", { hint: "look", cause, details: { app: "x" } });
    assert.deepEqual([told.hint, told.cause, told.details], ["look", cause, { app: "x" }]);
  });
});

describe("problems", () => {
  it("are what RFC 9457 asks for, with code, hint and exit", () => {
    assert.deepEqual(toProblem(new DistError("blob/digest-mismatch", "blob a: got b", { details: { want: "a" } })), {
      type: "urn:distd:error:blob/digest-mismatch",
      title: "Bytes do not match their digest",
      status: 422,
      detail: "blob a: got b",
      code: "blob/digest-mismatch",
      hint: "send the file again",
      exit: 20,
      details: { want: "a" },
    });
    assert.equal("details" in toProblem(new DistError("server/failed", "x")), false);
  });

  it("become the same error again", () => {
    const details = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,5}$/),
      fc.json().map((text): unknown => JSON.parse(text)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...CODES), fc.string({ unit: "grapheme" }), fc.string(), details, (code, message, hint, given) => {
        const error = new DistError(code, message, { hint, details: { ...given } });
        const back = fromProblem(JSON.parse(JSON.stringify(toProblem(error))), error.entry.status);
        assert.deepEqual([back.code, back.message, back.hint, back.details], [code, message, hint, { ...given }]);
      }),
    );
  });

  it("of a code that is not known keep their text and hint as server/failed", () => {
    const error = fromProblem({ code: "quota/new", detail: "the moon is full", hint: "wait" }, 409);
    assert.deepEqual([error.code, error.message, error.hint], ["server/failed", "the moon is full", "wait"]);
  });

  it("are made of any answer", () => {
    for (const body of [
      null,
      undefined,
      "",
      "<html>",
      7,
      [],
      {},
      { code: 5, detail: 5, hint: 5, details: 5 },
      { code: "constructor" },
      { details: "text" },
      { details: ["a"] },
      { details: null },
    ]) {
      const error = fromProblem(body, 502);
      assert.deepEqual(
        [error.code, error.message, error.hint],
        ["server/failed", "the server answered 502", ERROR_CODES["server/failed"].hint],
      );
      assert.deepEqual(error.details, {});
    }
  });
});

describe("asDistError", () => {
  it("tells what the operating system refused from our bugs", () => {
    const thrown = Object.assign(new Error("EACCES: permission denied, open 'x'"), { syscall: "open", code: "EACCES" });
    const error = asDistError(thrown);
    assert.deepEqual([error.code, error.message, error.cause], ["system/failed", thrown.message, thrown]);
    assert.equal(asDistError(Object.assign(new Error("x"), { syscall: 5 })).code, "internal/bug");
  });

  it("leaves a DistError as it is and calls anything else our bug", () => {
    const error = new DistError("auth/required", "x");
    assert.equal(asDistError(error), error);
    for (const [thrown, message] of [
      [new TypeError("boom"), "boom"],
      ["text", "text"],
      [undefined, "undefined"],
      [null, "null"],
    ] as const) {
      const bug = asDistError(thrown);
      assert.deepEqual([bug.code, bug.message, bug.cause], ["internal/bug", message, thrown]);
    }
  });
});
