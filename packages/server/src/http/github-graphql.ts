import { z } from "zod";
import { validate } from "./read-json.ts";

/** Reads what the feed says about `OWNER/APP`. */
export interface ReadReleases {
  (owner: string, app: string, which: "releases" | "releases/latest"): Promise<unknown>;
}

const requestSchema = z.object({
  query: z.string(),
  variables: z
    .object({
      owner: z.string(),
      name: z.string(),
      perPage: z.number().int().nonnegative(),
      direction: z.enum(["ASC", "DESC"]),
    })
    .partial()
    .nullish(),
});

const releaseSchema = z.object({
  id: z.number(),
  name: z.string(),
  tag_name: z.string(),
  draft: z.boolean(),
  prerelease: z.boolean(),
  created_at: z.string(),
  published_at: z.string(),
});

/** Fields of a release that the list has; gh asks which there are before it asks for them. */
const FIELDS = ["name", "tagName", "isDraft", "isLatest", "isPrerelease", "createdAt", "publishedAt"];

/** What gh asks this way: the list of releases, and drafts by their tag, of which there are none. */
export async function answerGraphql(value: unknown, read: ReadReleases): Promise<Response> {
  const { query, variables } = validate(requestSchema, value, "the query") as z.infer<typeof requestSchema>;
  if (/\bRelease: *__type\(/.test(query)) return data({ Release: { fields: FIELDS.map((name) => ({ name })) } });
  const { owner, name, perPage, direction } = variables ?? {};
  if (owner === undefined || name === undefined || !/\breleases\(/.test(query)) return data({ repository: { release: null } });
  const releases = await read(owner, name, "releases");
  if (releases === undefined)
    return Response.json({
      data: { repository: null },
      errors: [{ type: "NOT_FOUND", path: ["repository"], message: `there is no '${owner}/${name}', or this token does not reach it` }],
    });
  const latest = z.object({ id: z.number() }).safeParse(await read(owner, name, "releases/latest"));
  const nodes = z
    .array(releaseSchema)
    .parse(releases)
    .map((release) => ({
      name: release.name,
      tagName: release.tag_name,
      isDraft: release.draft,
      isLatest: release.id === latest.data?.id,
      isPrerelease: release.prerelease,
      createdAt: release.created_at,
      publishedAt: release.published_at,
    }));
  if (direction === "ASC") nodes.reverse();
  return data({ repository: { releases: { nodes: nodes.slice(0, perPage), pageInfo: { hasNextPage: false, endCursor: null } } } });
}

function data(content: unknown): Response {
  return Response.json({ data: content }, { headers: { "cache-control": "no-store" } });
}
