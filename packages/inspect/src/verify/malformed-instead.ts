import { isBroken } from "../broken.ts";
import { unreadable } from "./problem.ts";
import { joinSignatures, type Verdict } from "./verdict.ts";

/** A verdict; where what is signed, or the signature (`where`), cannot be read, that one. */
export async function malformedInstead(verify: () => Promise<Verdict>, where?: string): Promise<Verdict> {
  try {
    return await verify();
  } catch (thrown) {
    if (isBroken(thrown)) return joinSignatures([], [unreadable(thrown, where)]);
    throw thrown;
  }
}
