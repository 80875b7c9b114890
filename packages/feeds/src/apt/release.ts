import { sha256 } from "@distd/core";
import type { FeedView, ListRef } from "../feed.ts";

export const COMPONENT = "main";

/** Named where there is no list: apt refuses a Release that names no index at all, and with it every update. */
export const EMPTY_INDEX = { name: "binary-all/Packages", sha256: sha256("") } as const;

/** The suite's index of indexes. Dates as apt reads them: RFC 2822 in UTC. */
export async function renderRelease(view: FeedView, lists: readonly ListRef[]): Promise<string> {
  const names = lists.length === 0 ? [EMPTY_INDEX.name] : lists.map(({ name }) => name);
  const sums = await Promise.all(
    lists.flatMap((list) =>
      (["plain", "gzip"] as const).map(async (encoding) => {
        const digest = await list.digest(encoding);
        return ` ${digest.sha256} ${digest.size} ${COMPONENT}/${list.name}${encoding === "gzip" ? ".gz" : ""}`;
      }),
    ),
  );
  return [
    `Origin: ${view.repository.name}`,
    `Label: ${view.repository.name}`,
    `Suite: ${view.channel}`,
    `Codename: ${view.channel}`,
    `Date: ${view.issuedAt.toUTCString()}`,
    `Valid-Until: ${view.expiresAt.toUTCString()}`,
    `Architectures: ${names.map(architectureOf).sort().join(" ")}`,
    `Components: ${COMPONENT}`,
    "Acquire-By-Hash: yes",
    "SHA256:",
    ...(lists.length === 0 ? [` ${EMPTY_INDEX.sha256} 0 ${COMPONENT}/${EMPTY_INDEX.name}`] : sums),
    "",
  ].join("\n");
}

/** `binary-amd64/Packages` → `amd64`. */
function architectureOf(list: string): string {
  return list.slice("binary-".length, list.indexOf("/"));
}
