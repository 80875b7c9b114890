// A registry for npm, pnpm, yarn and bun. Followed: the npm registry's package metadata document, and what the clients send and read.
import { renderTarget, STABLE } from "@distd/core";
import { preferred } from "../accept.ts";
import {
  type Feed,
  type FeedArtifact,
  type FeedFile,
  type FeedVersion,
  type FeedView,
  type Fragment,
  type FragmentPlace,
  joinFragments,
  LATEST,
  type ListRef,
  NOTHING,
} from "../feed.ts";
import { npmMirror } from "./mirror.ts";
import { abbreviated, isPackageName, normalized, packageJson, tarballPath, faultOf } from "./package-json.ts";
import { verifyRegistry } from "./verify.ts";

const JSON_TYPE = "application/json";
const INSTALL_TYPE = "application/vnd.npm.install-v1+json";
const TARBALL_TYPE = "application/octet-stream";

export const npm: Feed = {
  id: "npm",
  traits: {
    formats: ["npm"],
    scope: "repository",
    keeps: Number.POSITIVE_INFINITY,
    passedOver: "kept",
    digests: ["sha512", "sha1"],
    compresses: false,
    signs: "ecdsa-p256",
    expires: false,
    phases: false,
    rollback: "follows",
    serves: "server",
    credentials: "bearer",
  },

  fragment(version, place): Fragment {
    const packages = version.artifacts.filter(({ format, role }) => format === "npm" && role === "install");
    return joinFragments(packages.map((artifact) => fragmentOf(version, artifact, place)));
  },

  async assemble(view) {
    const keys = view.sign
      .ecdsaKeys()
      .map(({ keyid, spki, expires }) => ({ expires, keyid, keytype: "ecdsa-sha2-nistp256", scheme: "ecdsa-sha2-nistp256", key: spki }));
    const fixed = (path: string, content: unknown): FeedFile => ({
      path,
      contentType: JSON_TYPE,
      cache: "index",
      parts: [JSON.stringify(content)],
    });
    const documents = await Promise.all(view.changed.map((name) => packuments(view, name)));
    return [...documents.flat(), fixed("-/npm/v1/keys", { keys }), fixed("-/ping", {})];
  },

  leavesOut: faultOf,

  route(path, accept) {
    const tarball = path.includes("/-/") || path.startsWith("-/");
    if (tarball) return { kind: "file", path };
    const isShort = preferred(accept, [JSON_TYPE, INSTALL_TYPE]) === INSTALL_TYPE;
    return { kind: "file", path: `${path};${isShort ? "install" : "full"}`, vary: "accept" };
  },

  lines({ address, isOpen }) {
    const host = address.replace(/^[a-z]+:/, "");
    return [`npm config set registry ${address}/`, ...(isOpen ? [] : [`npm config set '${host}/:_authToken' "$DIST_TOKEN"`])];
  },

  mirror: npmMirror,
  verify: verifyRegistry,
};

function fragmentOf({ sortKey, publishedAt, yanked }: FeedVersion, artifact: FeedArtifact, { address, sign }: FragmentPlace): Fragment {
  const manifest = packageJson(artifact);
  const { sha512, sha1 } = artifact.digests;
  if (!manifest || sha512 === undefined || sha1 === undefined) return NOTHING;
  const { name, version } = manifest;
  const path = tarballPath(name, version);
  const integrity = `sha512-${Buffer.from(sha512, "hex").toString("base64")}`;
  const { keyid, signature } = sign.ecdsa(`${name}@${version}:${integrity}`);
  const document = {
    ...normalized(manifest),
    _id: `${name}@${version}`,
    ...(yanked !== undefined && { deprecated: yanked === "" ? "withdrawn" : yanked }),
    dist: { tarball: `${address}/${path}`, shasum: sha1, integrity, signatures: [{ keyid, sig: signature }] },
  };
  const member = (value: unknown): string => `${JSON.stringify(version)}:${JSON.stringify(value)}`;
  const key = `${sortKey} ${version}`;
  return {
    ...NOTHING,
    names: [name],
    entries: [
      { list: `${name}/versions.json`, key, text: member(document) },
      { list: `${name}/install.json`, key, text: member({ ...abbreviated(document), dist: document.dist }) },
      { list: `${name}/time.json`, key, text: member(publishedAt) },
    ],
    files: [{ path, artifact: artifact.id, contentType: TARBALL_TYPE }],
    tags: { [name]: version },
    targets: { [name]: renderTarget(artifact) },
  };
}

/** One document for those who install, one for those who look, and the tags alone; or the end of all when no version is left. */
async function packuments(view: FeedView, name: string): Promise<readonly FeedFile[]> {
  const find = (part: string) => view.lists.get(`${name}/${part}.json`);
  const [versions, install, time] = [await find("versions"), await find("install"), await find("time")];
  const file = (path: string, contentType: string, parts: FeedFile["parts"]): FeedFile => ({ path, contentType, cache: "index", parts });
  const tagList = `-/package/${name}/dist-tags`;
  if (!versions || !install || !time || !isPackageName(name))
    return [
      file(`${name};full`, JSON_TYPE, undefined),
      file(`${name};install`, INSTALL_TYPE, undefined),
      file(tagList, JSON_TYPE, undefined),
    ];
  const [quoted, modified] = [JSON.stringify(name), JSON.stringify(view.issuedAt.toISOString())];
  const tags = JSON.stringify(distTags(view, name));
  const list = (ref: ListRef) => ({ list: ref, encoding: "plain" as const });
  return [
    file(`${name};full`, JSON_TYPE, [
      `{"_id":${quoted},"name":${quoted},"dist-tags":${tags},"versions":{`,
      list(versions),
      `},"time":{"modified":${modified},`,
      list(time),
      "}}",
    ]),
    file(`${name};install`, INSTALL_TYPE, [
      `{"name":${quoted},"dist-tags":${tags},"modified":${modified},"versions":{`,
      list(install),
      "}}",
    ]),
    file(tagList, JSON_TYPE, [tags]),
  ];
}

/** Channels by name, and what `npm install NAME` takes: stable, or where nothing is stable yet, whatever there is. */
function distTags(view: FeedView, name: string): Readonly<Record<string, string>> {
  const tags = Object.fromEntries(view.tags.filter((tag) => tag.name === name).map(({ channel, value }) => [channel, value]));
  const latest = tags[STABLE] ?? tags[LATEST] ?? Object.values(tags)[0];
  return latest === undefined ? tags : { [LATEST]: latest, ...tags, ...(tags[STABLE] !== undefined && { [LATEST]: tags[STABLE] }) };
}
