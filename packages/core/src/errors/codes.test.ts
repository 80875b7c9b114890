import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ERROR_CODES, isErrorCode } from "./codes.ts";

/** The exit codes of the commands, as the table's comment lists them. */
const EXITS = [1, 2, 3, 10, 11, 12, 13, 20, 21, 30, 31, 40, 70, 130];

describe("error codes", () => {
  it("are well formed: area/reason, a status of failure, a listed exit code, title and hint for people", () => {
    for (const [code, { status, exit, title, hint }] of Object.entries(ERROR_CODES)) {
      assert.match(code, /^[a-z]+(?:-[a-z]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/);
      assert.ok(Number.isInteger(status) && status >= 400 && status <= 599, `${code}: status ${status}`);
      assert.ok(EXITS.includes(exit), `${code}: exit ${exit}`);
      assert.match(title, /^[A-Z].*[^.]$/, code);
      assert.match(hint, /^[a-z].*[^.]$/, code);
    }
  });

  it("exit alike where they mean alike", () => {
    for (const [code, { status, exit }] of Object.entries(ERROR_CODES)) {
      const reason = code.split("/")[1];
      if (reason === "not-found" && status === 404) assert.equal(exit, 10, code);
      if (status === 401 || status === 403) assert.equal(exit, 12, code);
      if (status === 507 || status === 413) assert.equal(exit, 13, code);
      if (status < 500) assert.notEqual(exit, 70, code);
    }
  });

  it("are only those of the table", () => {
    assert.ok(isErrorCode("release/conflict"));
    for (const text of ["", "release", "release/none", "constructor", "__proto__", "toString"]) assert.ok(!isErrorCode(text), text);
  });
});
