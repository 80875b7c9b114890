import { readFileSync } from "node:fs";
import { DistError } from "@distd/core";
import type { AppDocument } from "@distd/core/wire";
import { appPath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { renderApp } from "../output/render-app.ts";
import { readAccess } from "./app-create.ts";

export const appPolicy: Command = {
  name: ["app", "policy"],
  summary: "Show or change what an app says of itself, who has access, gate, registry and quota",
  positionals: [{ name: "SLUG", count: "one" }],
  options: {
    name: { type: "string", value: "NAME", summary: "name for people" },
    access: { type: "string", value: "LEVEL", summary: "public, unlisted, members, testers or token: for all of the three below" },
    see: { type: "string", value: "LEVEL", summary: "who sees it" },
    download: { type: "string", value: "LEVEL", summary: "who fetches its files" },
    install: { type: "string", value: "LEVEL", summary: "who installs it on a device" },
    summary: { type: "string", value: "TEXT", summary: "what it is, in a sentence, or none" },
    website: { type: "string", value: "URL", summary: "https address of its own, or none" },
    contact: { type: "string", value: "TEXT", summary: "whom to ask for access, or none" },
    gate: { type: "string", value: "FILE", summary: "JSON with rules, checks and channels for the release gate (docs/gate.md)" },
    registry: { type: "string", value: "KIND", summary: "releases: pushed images become releases; raw: they are kept as they are" },
    quota: { type: "string", value: "BYTES", summary: "bytes its releases may take, or none" },
  },
  async run({ args, option, output, connect }) {
    const change = {
      name: option("name"),
      access: readAccess(option("access")),
      see: readAccess(option("see")),
      download: readAccess(option("download")),
      install: readAccess(option("install")),
      contact: noneAsNull(option("contact")),
      summary: noneAsNull(option("summary")),
      website: noneAsNull(option("website")),
      quotaBytes: readQuota(option("quota")),
      gate: readGate(option("gate")),
      registry: option("registry"),
    };
    const path = appPath(args[0] ?? "");
    const isChange = Object.values(change).some((value) => value !== undefined);
    const app = await (isChange ? connect().patch<AppDocument>(path, change) : connect().get<AppDocument>(path));
    output.result(app, renderApp(app));
    return 0;
  },
};

function noneAsNull(text: string | undefined): string | null | undefined {
  return text === "none" ? null : text;
}

function readGate(path: string | undefined): unknown {
  if (path === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new DistError("usage/invalid", `${path} cannot be read as JSON: ${(cause as Error).message}`, { cause });
  }
}

function readQuota(text: string | undefined): number | null | undefined {
  if (text === undefined || text === "none") return text === undefined ? undefined : null;
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new DistError("usage/invalid", `'${text}' is not a number of bytes, nor none`);
}
