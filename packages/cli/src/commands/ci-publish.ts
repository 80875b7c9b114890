import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { asDistError, DistError } from "@distd/core";
import { isLinkEntry, type ParsedManifest, parseManifest } from "@distd/core/manifest";
import type { FeedReportDocument } from "@distd/core/wire";
import type { Api } from "../api/api.ts";
import type { Command, Invocation } from "../command.ts";
import { type ReadyFile, withLocalFiles } from "../files/local-files.ts";
import { writeCiSummary } from "../output/ci-summary.ts";
import { renderFeeds } from "../output/render-feeds.ts";
import { OVERRIDE_OPTIONS, readOverrides } from "../publish/overrides.ts";
import { entriesOfPart, type PlacedEntry, planArtifacts } from "../publish/plan-publish.ts";
import { type Published, publishRelease } from "../publish/publish-release.ts";
import { renderPublished } from "../publish/render-published.ts";
import { mismatchOf, verifyFeeds } from "../verify/verify-feeds.ts";

export const ciPublish: Command = {
  name: ["ci", "publish"],
  summary: "Publish what dist.json names, and promote it to its channel",
  positionals: [],
  options: {
    manifest: { type: "string", value: "FILE", summary: "dist.json when absent" },
    part: { type: "string", value: "NAME", summary: "the part of the release this job builds; the job that completes the set publishes" },
    ...OVERRIDE_OPTIONS,
    "allow-incomplete": { type: "boolean", summary: "exit 0 instead of 3 while other parts are missing" },
    verify: { type: "boolean", summary: "afterwards do what 'dist feed verify' does with the channel" },
  },
  async run(invocation) {
    const started = performance.now();
    const { flag, option, output, signal, connect } = invocation;
    const part = option("part");
    const overrides = readOverrides(invocation);
    const manifestPath = option("manifest") ?? "dist.json";
    const parsed = readManifest(manifestPath);
    if (flag("verify") && parsed.manifest.channel === undefined)
      throw new DistError("usage/invalid", `--verify needs a channel, and ${manifestPath} names none`, {
        hint: "name one, or leave --verify out",
      });
    const entries = entriesOfPart(parsed, part);
    const paths = existingPaths(parsed, entries, dirname(resolve(manifestPath)));
    const api = connect();
    return withLocalFiles(
      paths.map(({ path }) => path),
      signal,
      async (files) => {
        const byIndex = new Map<number, ReadyFile>(paths.map(({ index }, position) => [index, files[position] as ReadyFile]));
        const planned = planArtifacts(parsed, entries, byIndex);
        try {
          const published = await publishRelease(api, parsed, planned, { part, overrides, output, signal });
          const elapsedMs = performance.now() - started;
          const verified = flag("verify") ? await verifyPublished(api, published, invocation) : {};
          return report(invocation, api.server, published, elapsedMs, verified);
        } catch (error) {
          const isWaiting = error instanceof DistError && error.code === "release/incomplete" && part !== undefined;
          if (!isWaiting || !flag("allow-incomplete")) throw error;
          output.result({ app: parsed.manifest.app, complete: false, ...error.details }, `part ${part} is in place; ${error.message}\n`);
          return 0;
        }
      },
    );
  },
};

function readManifest(path: string): ParsedManifest {
  if (!existsSync(path)) throw new DistError("manifest/not-found", `there is no ${path}`);
  return parseManifest(readFileSync(path), path);
}

function existingPaths({ reject }: ParsedManifest, entries: readonly PlacedEntry[], folder: string): { index: number; path: string }[] {
  return entries.flatMap(({ index, entry }) => {
    if (isLinkEntry(entry)) return [];
    const path = resolve(folder, entry.path);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw reject(["artifacts", index, "path"], `there is no file ${entry.path}`);
    return [{ index, path }];
  });
}

interface Verified {
  readonly feeds?: FeedReportDocument[];
  /** Told beside what was published: that is so, whatever came of the rest. */
  readonly failure?: DistError | undefined;
}

async function verifyPublished(api: Api, { document }: Published, { signal, output }: Invocation): Promise<Verified> {
  const { app, channel } = document;
  if (channel === null) return {};
  try {
    const found = await verifyFeeds(api, { app, channel: channel.name, signal, note: output.note });
    return { feeds: [...found.feeds], failure: mismatchOf(found) };
  } catch (thrown) {
    return { failure: signal.aborted ? new DistError("run/interrupted", "interrupted", { cause: thrown }) : asDistError(thrown) };
  }
}

function report(
  { output, env }: Invocation,
  server: string,
  { document, notPromoted }: Published,
  elapsedMs: number,
  { feeds, failure }: Verified,
): number {
  const page = document.channel === null ? undefined : `${server}/a/${document.app}/${document.channel.name}`;
  const verified = feeds === undefined ? "" : renderFeeds(feeds, output.style);
  output.result({ ...document, ...(feeds && { feeds }) }, `${renderPublished(document, page, elapsedMs, output.style)}${verified}`);
  writeCiSummary(document, page, env, (text) => output.draw(`${text}\n`));
  const error = notPromoted ? describeRefusal(document.release.version, notPromoted) : failure;
  if (!error) return 0;
  output.error(error);
  return error.entry.exit;
}

function describeRefusal(version: string, refusal: DistError): DistError {
  const { message, hint } = refusal;
  return new DistError("channel/not-promoted", `${version} is published, but not promoted: ${message}`, { hint, cause: refusal });
}
