// An app for iOS: the bundle in Payload, its frameworks, extensions, watch app, each with its own signature and profile.
import type { ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import { joinSignatures, type Verdict } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { verifyApps } from "./app.ts";
import { openArchive } from "./bundle/archive.ts";
import { outsideProblems } from "./bundle/outside.ts";
import { surveyArchive } from "./bundle/survey.ts";
import { teamContradictions } from "./teams.ts";

/** The folder around `Payload` is a mistake no device forgives; who signed what is in it can be said nevertheless. */
const APP = /^((?:(?!__MACOSX\/)[^/]+\/)?Payload\/[^/]+\.app\/)./;
const USUAL = /^__MACOSX\/|(?:^|\/)\.DS_Store$/;

export async function verifyIpa(source: ByteSource, context: VerifyContext): Promise<Verdict> {
  const archive = await openArchive(source);
  const survey = await surveyArchive(archive);
  const apps = [...new Set(survey.paths.flatMap((path) => APP.exec(path)?.[1] ?? []))];
  const [app, second] = apps;
  if (app === undefined) throw broken("there is no app in Payload");
  if (second !== undefined) throw broken(`Payload holds ${apps.length} apps; a device installs one`);
  const [signature] = await verifyApps({ archive, survey, context, place: "ios", apps });
  if (signature === undefined) return joinSignatures([]);
  const beside = survey.paths.filter((path) => survey.files.get(path)?.kind !== "folder" && !path.startsWith(app) && !USUAL.test(path));
  const problems = [...outsideProblems(beside, [app]), ...teamContradictions(signature)];
  return joinSignatures([signature], problems);
}
