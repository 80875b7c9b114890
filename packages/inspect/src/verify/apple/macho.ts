// A program or library by itself, thin or universal.
import type { ByteSource } from "@distd/core";
import { joinSignatures, type Verdict } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import type { Place } from "./identity.ts";
import { codeVerdict, type JudgedSlice } from "./code-verdict.ts";
import { judgeCode, type Outside } from "./code-signature/judge-code.ts";
import { SLOT } from "./code-signature/super-blob.ts";
import { readCodeLayout } from "./macho/layout.ts";
import { planCode, type SignedSlice, sliceName } from "./macho/plan-code.ts";
import { judgeNotarization } from "./notarization.ts";
import { sweep } from "./sweep.ts";

export async function verifyMacho(source: ByteSource, context: VerifyContext): Promise<Verdict> {
  const layout = await readCodeLayout(source);
  const plan = planCode(layout);
  if (!plan.isSigned) return joinSignatures([]);
  const slices: JudgedSlice[] = [];
  for (const signed of plan.slices) {
    const where = sliceName(layout, signed.slice);
    const question = { outside: outsideOf(signed), context, place: placeOf(signed), ...(where !== undefined && { where }) };
    const judged = signed.signature && (await judgeCode({ ...question, signature: signed.signature }));
    slices.push({ ...signed, judged, machine: signed.slice.machine, isProgram: signed.slice.isProgram });
  }
  const { problems } = await sweep(source, { hashes: new Set(), stretches: plan.stretches });
  const notarization = judgeNotarization(slices, [], context);
  const all = [...plan.problems, ...problems, ...notarization.problems];
  return joinSignatures([codeVerdict({ slices, problems: all, details: notarization.details })]);
}

/** The main program of an app has Info.plist and CodeResources beside it; alone it is not all that was signed. */
function outsideOf({ slice }: SignedSlice): ReadonlyMap<number, Outside> {
  return new Map<number, Outside>([
    [SLOT.info, slice.info ?? "elsewhere"],
    [SLOT.resources, "elsewhere"],
    [SLOT.application, "elsewhere"],
  ]);
}

/** Before code said what system it is for, ARM was that of telephones. */
function placeOf({ slice: { platform, machine } }: SignedSlice): Place {
  if (platform === undefined) return machine.startsWith("arm") ? "ios" : "mac";
  return platform === "macos" || platform === "mac-catalyst" || platform === "driverkit" ? "mac" : "ios";
}
