import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FEEDS } from "@distd/feeds";
import { SITE } from "./snapshot.ts";

/** Two files to include: `nginx/http.conf` in `http`, `nginx/server.conf` in a `server`. */
export async function writeNginxFiles(folder: string, repositories: readonly string[]): Promise<void> {
  await mkdir(join(folder, "nginx"), { recursive: true });
  await writeFile(join(folder, "nginx", "http.conf"), renderMaps());
  await writeFile(join(folder, "nginx", "server.conf"), renderServer(join(folder, SITE), repositories));
}

function renderMaps(): string {
  const types = FEEDS.flatMap(({ mirror }) => mirror.types);
  return lines([
    "map $uri $distd_type {",
    '  default "";',
    ...types.map(([pattern, type]) => `  "~${pattern}" "${type}";`),
    "}",
    ...FEEDS.flatMap(({ mirror }) => mirror.maps),
  ]);
}

function renderServer(root: string, repositories: readonly string[]): string {
  return lines([
    `root "${root}";`,
    "# The type comes from the map.",
    "types { }",
    'default_type "";',
    "add_header Content-Type $distd_type;",
    "add_header Cache-Control no-cache;",
    "add_header Vary Accept;",
    "location / { try_files $uri =404; }",
    ...FEEDS.flatMap(({ mirror }) => mirror.locations(repositories)),
  ]);
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
