import { existsSync, readFileSync } from "node:fs";
import { DistError } from "@distd/core";
import { parseManifest } from "@distd/core/manifest";
import type { AppDocument, GateResultDocument } from "@distd/core/wire";
import { appPath, findRelease } from "../api/paths.ts";
import type { Command, Invocation } from "../command.ts";
import { withLocalFiles } from "../files/local-files.ts";
import { verifyReady } from "../files/verify-ready.ts";
import { renderChecks } from "../output/render-checks.ts";

const REFUSED = 21;
const INCOMPLETE = 3;

export const releaseCheck: Command = {
  name: ["release", "check"],
  summary: "What the release gate says about files before uploading, or said about a release; exit 21 when it refuses",
  positionals: [{ name: "FILE|RELEASE", count: "many" }],
  options: {
    app: { type: "string", value: "SLUG", summary: "the app; from dist.json when absent" },
    channel: { type: "string", value: "NAME", summary: "the channel the files are meant for; from dist.json when absent" },
    version: { type: "string", value: "VERSION", summary: "the release's version; from dist.json when absent" },
    build: { type: "string", value: "NUMBER", summary: "the release's build; from dist.json when absent" },
  },
  run: (invocation) => (invocation.args.every((arg) => existsSync(arg)) ? checkFiles(invocation) : checkRelease(invocation)),
};

async function checkFiles({ args, option, output, signal, connect }: Invocation): Promise<number> {
  const stated = existsSync("dist.json") ? parseManifest(readFileSync("dist.json"), "dist.json").manifest : undefined;
  const slug = option("app") ?? stated?.app;
  if (slug === undefined)
    throw new DistError("usage/invalid", "there is no app to check the files against", {
      hint: "name it with --app, or stand beside a dist.json",
    });
  return withLocalFiles(args, signal, async (files) => {
    const api = connect();
    const { gate } = await api.get<AppDocument>(appPath(slug));
    const artifacts = await verifyReady(files, gate.rules);
    const body = {
      version: option("version") ?? stated?.version,
      build: option("build") ?? stated?.build,
      channel: option("channel") ?? stated?.channel,
      artifacts,
    };
    const { checks } = await api.post<{ checks: GateResultDocument[] }>(`${appPath(slug)}/check`, body);
    output.result({ app: slug, checks }, renderChecks(checks, output.style));
    return isRefused(checks) ? REFUSED : 0;
  });
}

async function checkRelease({ args, output, connect }: Invocation): Promise<number> {
  const [reference = "", ...more] = args;
  if (more.length > 0) throw new DistError("usage/invalid", "'dist release check' takes files that exist, or one release");
  const { id, missing, checks } = await findRelease(connect(), reference);
  output.result(
    { release: id, missing, checks },
    `${missing.map((part) => `missing: ${part}\n`).join("")}${renderChecks(checks, output.style)}`,
  );
  return missing.length > 0 ? INCOMPLETE : isRefused(checks) ? REFUSED : 0;
}

function isRefused(checks: readonly GateResultDocument[]): boolean {
  return checks.some(({ severity }) => severity === "error");
}
