import assert from "node:assert/strict";
import { DistError, type ErrorCode } from "@distd/core";

/** The promise rejects with this code; returns the error for a closer look. */
export async function rejectsWith(code: ErrorCode, work: Promise<unknown>): Promise<DistError> {
  try {
    await work;
  } catch (thrown) {
    if (!(thrown instanceof DistError)) throw thrown;
    assert.equal(thrown.code, code, thrown.message);
    return thrown;
  }
  return assert.fail(`nothing was thrown, ${code} was expected`);
}
