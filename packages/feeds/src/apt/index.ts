// An archive for apt: suites are channels. Followed: the Debian wiki's RepositoryFormat, deb-control(5), and what apt 2.6 and 3.0 do.
import type { Sha256 } from "@distd/core";
import { type Feed, type FeedFile, type FeedPlace, type Fragment, type ListRef, NOTHING } from "../feed.ts";
import { aptMirror } from "./mirror.ts";
import { COMPONENT, EMPTY_INDEX, renderRelease } from "./release.ts";
import { debPackage, poolPath, renderStanza, faultOf } from "./stanza.ts";
import { verifyArchive } from "./verify.ts";

/** Versions of a package that stay beside what is live: `apt install lantern=1.3` works for a while, the index stays small. */
const KEPT_VERSIONS = 10;
const TEXT = "text/plain; charset=utf-8";
const DEB = "application/vnd.debian.binary-package";

export const apt: Feed = {
  id: "apt",
  traits: {
    formats: ["deb"],
    scope: "channel",
    keeps: KEPT_VERSIONS,
    passedOver: "dropped",
    digests: [],
    compresses: true,
    signs: "openpgp",
    expires: true,
    phases: true,
    rollback: "new-installs",
    serves: "files",
    credentials: "basic",
  },

  fragment({ artifacts, yanked, phase }): Fragment {
    const packages = artifacts.flatMap((artifact) => {
      const deb = artifact.format === "deb" && artifact.role === "install" ? debPackage(artifact) : undefined;
      return deb ? [{ deb, artifact, path: poolPath(deb, artifact) }] : [];
    });
    const names = [...new Set(packages.map(({ deb }) => deb.name))];
    // Still its names: they say that the index changed.
    if (yanked !== undefined) return { ...NOTHING, names };
    return {
      ...NOTHING,
      names,
      entries: packages.map(({ deb, artifact, path }) => ({
        list: `binary-${deb.architecture}/Packages`,
        key: `${deb.name} ${deb.version}`,
        text: renderStanza(artifact, path, phase),
      })),
      files: packages.map(({ artifact, path }) => ({ path, artifact: artifact.id, contentType: DEB })),
    };
  },

  async assemble(view) {
    const lists = await view.lists.all();
    const suite = `dists/${view.channel}`;
    const indexes = await Promise.all(lists.map((list) => indexFiles(`${suite}/${COMPONENT}`, list)));
    const release = await renderRelease(view, lists);
    const { inRelease, detached } = view.sign.clearsign(release);
    const key = view.sign.openpgpKeys();
    const text = (path: string, content: string, contentType = TEXT): FeedFile => ({ path, contentType, cache: "index", parts: [content] });
    return [
      ...indexes.flat(),
      ...(lists.length === 0 ? [EMPTY_INDEX.name, byHashPath(EMPTY_INDEX.name, EMPTY_INDEX.sha256)] : []).map((path) =>
        text(`${suite}/${COMPONENT}/${path}`, ""),
      ),
      text(`${suite}/Release`, release),
      text(`${suite}/Release.gpg`, detached),
      text(`${suite}/InRelease`, inRelease),
      text("key.asc", key, "application/pgp-keys"),
      text(`${view.channel}.sources`, renderSources(view.address, view.channel, key)),
    ];
  },

  leavesOut: faultOf,

  route: (path) => ({ kind: "file", path }),

  lines({ address, repository, channel, isOpen }: FeedPlace) {
    const host = address.replace(/^[a-z]+:\/\//, "");
    const login = [
      `echo 'machine ${address} login token password '"$DIST_TOKEN" | sudo tee /etc/apt/auth.conf.d/${repository}.conf >/dev/null`,
    ];
    const header = isOpen ? "" : ' -u "token:$DIST_TOKEN"';
    return [
      ...(isOpen ? [] : login),
      `curl -fsSL${header} ${address}/${channel}.sources | sudo tee /etc/apt/sources.list.d/${host.split("/")[0]?.replaceAll(":", "-")}-${repository}-${channel}.sources`,
      "sudo apt-get update",
    ];
  },

  mirror: aptMirror,
  verify: verifyArchive,
};

/** The index under its name, and under its digest: whoever read an older Release finds what that one names. */
async function indexFiles(folder: string, list: ListRef): Promise<readonly FeedFile[]> {
  const [plain, gzip] = [await list.digest("plain"), await list.digest("gzip")];
  const index = { parts: [{ list, encoding: "plain" as const }], contentType: TEXT };
  const packed = { parts: [{ list, encoding: "gzip" as const }], contentType: "application/gzip" };
  return [
    { ...index, path: `${folder}/${list.name}`, cache: "index" },
    { ...packed, path: `${folder}/${list.name}.gz`, cache: "index" },
    { ...index, path: `${folder}/${byHashPath(list.name, plain.sha256)}`, cache: "immutable" },
    { ...packed, path: `${folder}/${byHashPath(list.name, gzip.sha256)}`, cache: "immutable" },
  ];
}

function byHashPath(index: string, digest: Sha256): string {
  return `${index.replace("/Packages", "/by-hash/SHA256")}/${digest}`;
}

/** A source for apt with its key inside (deb822, apt 2.4 and later): one file to fetch. */
function renderSources(address: string, suite: string, key: string): string {
  const indented = key
    .trimEnd()
    .split("\n")
    .map((line) => ` ${line === "" ? "." : line}`);
  return `Types: deb\nURIs: ${address}\nSuites: ${suite}\nComponents: ${COMPONENT}\nSigned-By:\n${indented.join("\n")}\n`;
}
