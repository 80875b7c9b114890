import type { FeedView, ListRef } from "../feed.ts";

export const COMPONENT = "main";

/** The suite's index of indexes. Dates as apt reads them: RFC 2822 in UTC. */
export async function renderRelease(view: FeedView, lists: readonly ListRef[]): Promise<string> {
  const architectures = lists.map(({ name }) => architectureOf(name)).sort();
  const sums = await Promise.all(
    lists.flatMap((list) =>
      (["plain", "gzip"] as const).map(async (encoding) => {
        const { sha256, size } = await list.digest(encoding);
        return ` ${sha256} ${size} ${COMPONENT}/${list.name}${encoding === "gzip" ? ".gz" : ""}`;
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
    `Architectures: ${architectures.join(" ")}`,
    `Components: ${COMPONENT}`,
    "Acquire-By-Hash: yes",
    "SHA256:",
    ...sums,
    "",
  ].join("\n");
}

/** `binary-amd64/Packages` → `amd64`. */
function architectureOf(list: string): string {
  return list.slice("binary-".length, list.indexOf("/"));
}
