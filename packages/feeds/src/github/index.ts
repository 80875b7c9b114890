// Releases as GitHub's API has them, for gh, mise and whatever else installs from there. Followed: GitHub's REST API for releases
// (2022-11-28), Forgejo's where it is the same, and what gh 2.23, gh 2.46 and mise 2026.9 send and read.
import { STABLE } from "@distd/core";
import { preferred } from "../accept.ts";
import { type Feed, type FeedFile, type FeedVersion, type FeedView, type Fragment, type FragmentPlace, NOTHING } from "../feed.ts";
import { githubMirror } from "./mirror.ts";
import { newestFirst } from "./newest-first.ts";
import {
  BYTES,
  BYTES_TYPE,
  type DescribedRelease,
  describeRelease,
  describeRepository,
  exactVersion,
  placeOf,
  type ReleasePlace,
  repositoryPath,
  versionOf,
} from "./release-document.ts";
import { verifyReleases } from "./verify.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const KEPT_VERSIONS = 100;

/** What a channel points to. */
interface Head {
  readonly sortKey: string;
  readonly release: DescribedRelease["document"];
}

export const github: Feed = {
  id: "github",
  traits: {
    formats: "all",
    scope: "repository",
    keeps: KEPT_VERSIONS,
    passedOver: "kept",
    digests: [],
    compresses: false,
    signs: "nothing",
    expires: false,
    phases: false,
    rollback: "follows",
    serves: "files",
    credentials: "bearer",
  },

  fragment(version, { address }: FragmentPlace): Fragment {
    if (version.artifacts.length === 0) return NOTHING;
    const place = placeOf(address);
    return fragmentOf(version, place, describeRelease(version, place));
  },

  async assemble(view) {
    const files = await Promise.all(view.changed.map((app) => appFiles(view, app)));
    return files.flat();
  },

  leavesOut: () => undefined,

  route(path, accept) {
    const plain = path.replace(/\/+$/, "");
    const [, folder, tag, file] = /^(.+\/releases\/(?:tags|download))\/([^/]+)((?:\/[^/]+)?)$/.exec(plain) ?? [];
    if (folder !== undefined && tag !== undefined) return { kind: "file", path: `${folder}/${versionOf(tag)}${file ?? ""}` };
    if (!/^repos\/.+\/releases\/assets\/\d+$/.test(plain)) return { kind: "file", path: plain };
    const wantsBytes = preferred(accept, ["application/json", BYTES_TYPE]) === BYTES_TYPE;
    return { kind: "file", path: wantsBytes ? `${plain}${BYTES}` : plain, vary: "accept" };
  },

  lines({ address, repository, isOpen }) {
    const { root } = placeOf(address);
    const { host } = new URL(root);
    const tool = `mise use "github:${repository}/APP[api_url=${root}/api/v3]"`;
    const gh = `GH_HOST=${host} GH_ENTERPRISE_TOKEN=${isOpen ? "none" : '"$DIST_TOKEN"'} gh release download --pattern '*' --repo ${repository}/APP`;
    const mise = isOpen ? tool : `MISE_GITHUB_ENTERPRISE_TOKEN="$DIST_TOKEN" ${tool}`;
    // gh speaks nothing but HTTPS.
    return root.startsWith("https:") ? [mise, gh] : [mise];
  },

  mirror: githubMirror,
  verify: verifyReleases,
};

function fragmentOf(version: FeedVersion, place: ReleasePlace, { document, assets }: DescribedRelease): Fragment {
  const { app, sortKey, yanked } = version;
  const base = `${repositoryPath(place, app.slug)}/releases`;
  const text = JSON.stringify(document);
  const index = (path: string, content: string) => ({
    path: `${base}/${path}`,
    text: content,
    contentType: JSON_TYPE,
    cache: "index" as const,
  });
  const tags = new Set([version.version, exactVersion(version)]);
  const head: Head = { sortKey, release: document };
  return {
    names: [app.slug],
    // A yanked release is not offered: who names it still gets it.
    entries: yanked === undefined ? [{ list: `${app.slug}/releases.json`, key: newestFirst(sortKey, version.version), text }] : [],
    tags: yanked === undefined ? { [app.slug]: JSON.stringify(head) } : {},
    // A release is of several targets: what is live for any of them is live.
    targets: {},
    texts: [
      index(String(document.id), text),
      ...Array.from(tags, (tag) => index(`tags/${tag}`, text)),
      index(`${document.id}/assets`, JSON.stringify(document.assets)),
      ...assets.map(({ document: asset }) => index(`assets/${asset.id}`, JSON.stringify(asset))),
    ],
    files: assets.flatMap(({ artifact, document: asset, download }) =>
      [download, `${base}/assets/${asset.id}${BYTES}`].map((path) => ({ path, artifact: artifact.id, contentType: BYTES_TYPE })),
    ),
  };
}

/** The app, its releases, and the one that people get who name none; or the end of all three when none is left. */
async function appFiles(view: FeedView, app: string): Promise<readonly FeedFile[]> {
  const place = placeOf(view.address);
  const list = await view.lists.get(`${app}/releases.json`);
  const latest = latestOf(view, app);
  const path = repositoryPath(place, app);
  const file = (name: string, parts: FeedFile["parts"]): FeedFile => ({ path: name, contentType: JSON_TYPE, cache: "index", parts });
  return [
    file(path, list && [JSON.stringify(describeRepository(place, app))]),
    file(`${path}/releases`, list && ["[", { list, encoding: "plain" }, "]"]),
    file(`${path}/releases/latest`, list && latest && [JSON.stringify(latest)]),
  ];
}

/** What `stable` points to; where nothing is stable yet, the newest that a channel points to. */
function latestOf(view: FeedView, app: string): Head["release"] | undefined {
  const heads = view.tags.filter(({ name }) => name === app).map(({ channel, value }) => ({ channel, ...(JSON.parse(value) as Head) }));
  const newest = heads.toSorted((a, b) => (a.sortKey < b.sortKey ? 1 : a.sortKey > b.sortKey ? -1 : 0))[0];
  return (heads.find(({ channel }) => channel === STABLE) ?? newest)?.release;
}
