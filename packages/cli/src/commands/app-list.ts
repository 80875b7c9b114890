import type { AppDocument } from "@distd/core/wire";
import { allPages } from "../api/all-pages.ts";
import type { Command } from "../command.ts";
import { renderTable } from "../output/table.ts";

export const appList: Command = {
  name: ["app", "list"],
  summary: "Apps this token may see",
  positionals: [],
  options: {},
  async run({ output, connect }) {
    const api = connect();
    const apps = await allPages<AppDocument, string>((after) =>
      api
        .get<{ apps: AppDocument[]; next: string | null }>("/api/v1/apps", { after, limit: 1000 })
        .then((page) => ({ items: page.apps, next: page.next })),
    );
    output.result(
      { apps },
      apps.length === 0
        ? "no apps yet: dist app create SLUG --name NAME\n"
        : renderTable(apps.map((app) => [app.slug, app.access, app.name])),
    );
    return 0;
  },
};
