// Apps for macOS in a zip or a tar.
import type { ByteSource } from "@distd/core";
import { findApps } from "../../app-bundle/find-apps.ts";
import { problem } from "../problem.ts";
import type { Verdict, VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { verifyApps } from "./app.ts";
import { openArchive } from "./bundle/archive.ts";
import { outsideProblems } from "./bundle/outside.ts";
import { surveyArchive } from "./bundle/survey.ts";
import { joinAll } from "./join-apps.ts";

/** What macOS' own archiver puts beside files for their attributes, and what Finder leaves behind. */
const USUAL = /^__MACOSX\/|(?:^|\/)\.DS_Store$/;

export async function verifyMacapp(source: ByteSource, context: VerifyContext): Promise<Verdict> {
  const archive = await openArchive(source);
  const survey = await surveyArchive(archive);
  const apps = findApps(survey.paths);
  const signatures = await verifyApps({ archive, survey, context, place: "mac", apps });
  const unsigned =
    signatures.length === 0 ? [] : apps.filter((app) => !signatures.some(({ details }) => details?.["path"] === app.slice(0, -1)));
  const problems: VerdictProblem[] = unsigned.map((app) =>
    problem("signing/uncovered", "the app is not signed, another one is", app.slice(0, -1)),
  );
  const beside = survey.paths.filter(
    (path) => survey.files.get(path)?.kind !== "folder" && !USUAL.test(path) && !apps.some((app) => path.startsWith(app)),
  );
  if (signatures.length > 0) problems.push(...outsideProblems(beside, apps));
  return joinAll(signatures, problems);
}
