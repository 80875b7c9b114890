import type { ReleaseDocument } from "@distd/core/wire";
import { allPages } from "../api/all-pages.ts";
import { appPath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { formatAge } from "../output/amounts.ts";
import { renderTable } from "../output/table.ts";

export const releaseList: Command = {
  name: ["release", "list"],
  summary: "Releases of an app, newest first",
  positionals: [{ name: "SLUG", count: "one" }],
  options: {},
  async run({ args, output, connect }) {
    const [slug = ""] = args;
    const api = connect();
    const releases = await allPages<ReleaseDocument, string>((before) =>
      api
        .get<{ releases: ReleaseDocument[]; next: string | null }>(`${appPath(slug)}/releases`, { before, limit: 200 })
        .then((page) => ({ items: page.releases, next: page.next })),
    );
    const now = Date.now();
    const rows = releases.map((release) => [
      release.id,
      release.build === "" ? release.version : `${release.version} (${release.build})`,
      release.status === "draft"
        ? `draft${release.missing.length > 0 ? `, misses ${release.missing.join(", ")}` : ""}`
        : `${release.status}, revision ${release.revision}`,
      formatAge(release.publishedAt ?? release.createdAt, now),
    ]);
    output.result({ releases }, rows.length === 0 ? "no releases yet: dist ci publish\n" : renderTable(rows));
    return 0;
  },
};
