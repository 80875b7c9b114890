import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import type { ByteSource } from "@distd/core";
import { inspectArtifact, readIcon } from "@distd/inspect";
import { UNSIGNED, verifyArtifact, withVerdict } from "@distd/inspect/verify";
import type { Command } from "../command.ts";
import { openFileSource } from "../files/file-source.ts";
import { openUrlSource } from "../files/url-source.ts";
import { renderFacts } from "../output/render-facts.ts";

export const inspect: Command = {
  name: ["inspect"],
  summary: "What a file's bytes say about it",
  positionals: [{ name: "FILE|URL", count: "one" }],
  options: { icon: { type: "string", value: "FILE", summary: "also write its icon there, as PNG" } },
  async run({ args, option, output, signal }) {
    const [place = ""] = args;
    return withSource(place, signal, async (source, name) => {
      const read = await inspectArtifact(source, name);
      // A signature is over all bytes: of a file somewhere else only what it says is read.
      const verdict = isRemote(place) ? UNSIGNED : await verifyArtifact(source, { format: read.format, fileName: name, now: new Date() });
      const facts = withVerdict(read, verdict);
      const path = option("icon");
      const icon = path === undefined ? undefined : await readIcon(source, name, facts.icon);
      if (path !== undefined && icon) writeFileSync(path, icon);
      if (path !== undefined && !icon) output.note("it carries no icon that can be read");
      output.result(facts, renderFacts(facts, output.style));
      return 0;
    });
  },
};

async function withSource(place: string, signal: AbortSignal, use: (source: ByteSource, name: string) => Promise<number>): Promise<number> {
  if (isRemote(place)) return use(await openUrlSource(place, signal), decodeURIComponent(basename(new URL(place).pathname)));
  const source = await openFileSource(place);
  try {
    return await use(source, basename(place));
  } finally {
    await source.close();
  }
}

function isRemote(place: string): boolean {
  return /^https?:\/\//.test(place);
}
