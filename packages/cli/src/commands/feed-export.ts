import { resolve } from "node:path";
import type { Command } from "../command.ts";
import { writeNginxFiles } from "../export/nginx.ts";
import { writeSnapshot } from "../export/snapshot.ts";
import { listWanted } from "../export/wanted-files.ts";
import { formatBytes } from "@distd/core";

export const feedExport: Command = {
  name: ["feed", "export"],
  summary: "Write every public feed as files that nginx alone can serve; again to bring them up to date",
  positionals: [{ name: "DIR", count: "one" }],
  options: {
    audience: {
      type: "string",
      value: "REPOSITORY",
      multiple: true,
      summary: "also this repository, which not everyone may read: whoever serves the files has to guard them",
    },
  },
  async run({ args, options, output, signal, connect }) {
    const [dir = ""] = args;
    const folder = resolve(dir);
    const api = connect();
    const repositories = await listWanted(api, options("audience"));
    const exported = await writeSnapshot(
      { api, signal },
      folder,
      repositories.flatMap(({ files }) => files),
    );
    await writeNginxFiles(
      folder,
      repositories.map(({ name }) => name),
    );
    const result = { folder, repositories: repositories.map(({ name, generation }) => ({ name, generation })), ...exported };
    output.result(
      result,
      `${repositories.map(({ name, generation }) => `${name} at generation ${generation}`).join(", ") || "no repositories yet"}\n` +
        `${exported.files} files, ${exported.downloaded} of them fetched (${formatBytes(exported.bytes)})\n` +
        `serve ${folder}/site: ${folder}/nginx/http.conf and server.conf are for nginx\n`,
    );
    return 0;
  },
};
