// An index for pip, uv and poetry. Followed: the simple repository API (PEP 503, 592, 629, 658, 691, 700, 714).
import { preferred } from "../accept.ts";
import { type Feed, type FeedFile, type FeedVersion, type FeedView, type FilePart, type Fragment, NOTHING } from "../feed.ts";
import { pypiMirror } from "./mirror.ts";
import { escapeHtml } from "./html.ts";
import { normalizeName } from "./names.ts";
import { describeFile, type PythonFile, faultOf } from "./python-file.ts";
import { verifyIndex } from "./verify.ts";

const HTML_TYPE = "text/html; charset=utf-8";
const JSON_TYPE = "application/vnd.pypi.simple.v1+json";
const HTML_VERSIONED_TYPE = "application/vnd.pypi.simple.v1+html";
const API_VERSION = "1.1";

export const pypi: Feed = {
  id: "pypi",
  traits: {
    formats: ["wheel", "sdist"],
    scope: "channel",
    keeps: Number.POSITIVE_INFINITY,
    passedOver: "marked",
    digests: [],
    compresses: false,
    signs: "nothing",
    expires: false,
    phases: false,
    rollback: "new-installs",
    serves: "files",
    credentials: "basic",
  },

  fragment(version): Fragment {
    const files = version.artifacts.flatMap((artifact) => describeFile(artifact) ?? []);
    return {
      ...NOTHING,
      names: [...new Set(files.map(({ name }) => name))],
      entries: files.flatMap((file) => entriesOf(version, file)),
      files: files.map(({ artifact, path }) => ({ path, artifact: artifact.id })),
      texts: files.flatMap(({ artifact, path }) =>
        artifact.format === "wheel" && artifact.metadata
          ? [{ path: `${path}.metadata`, text: Buffer.from(artifact.metadata).toString("utf8"), contentType: "text/plain; charset=utf-8" }]
          : [],
      ),
    };
  },

  async assemble(view) {
    const folder = `${view.channel}/simple`;
    const pages = await Promise.all(view.changed.map((name) => projectPages(view, folder, name)));
    return [...pages.flat(), ...(await rootPages(view, folder))];
  },

  leavesOut: faultOf,

  /** `CHANNEL/simple/NAME/`, and files beside the channels. */
  route(path, accept) {
    const [channel = "", simple, project = "", rest] = path.split("/");
    if (simple !== "simple") return { kind: "file", path };
    const ending = preferred(accept, [HTML_TYPE, HTML_VERSIONED_TYPE, JSON_TYPE]) === JSON_TYPE ? "json" : "html";
    if (project === "")
      return path.endsWith("/") ? { kind: "file", path: `${path}index.${ending}`, vary: "accept" } : { kind: "redirect", path: `${path}/` };
    if (rest !== undefined && rest !== "") return { kind: "file", path };
    const name = normalizeName(project);
    const isExact = project === name && rest === "";
    return isExact
      ? { kind: "file", path: `${channel}/simple/${name}/index.${ending}`, vary: "accept" }
      : { kind: "redirect", path: `${channel}/simple/${name}/` };
  },

  lines({ address, channel, isOpen }) {
    const index = `${address}/${channel}/simple/`;
    return [`pip install --index-url ${isOpen ? index : index.replace("://", "://token:$DIST_TOKEN@")} NAME`];
  },

  mirror: pypiMirror,
  verify: verifyIndex,
};

function entriesOf({ sortKey, publishedAt, yanked }: FeedVersion, file: PythonFile): Fragment["entries"] {
  const { artifact, name, path, version, requiresPython, metadataSha256 } = file;
  const key = `${sortKey} ${artifact.name}`;
  const url = `../../../${path.split("/").map(encodeURIComponent).join("/")}`;
  const attributes = [
    ["href", `${url}#sha256=${artifact.sha256}`],
    ["data-requires-python", requiresPython],
    ["data-dist-info-metadata", metadataSha256 && `sha256=${metadataSha256}`],
    ["data-core-metadata", metadataSha256 && `sha256=${metadataSha256}`],
    ["data-yanked", yanked],
  ].flatMap(([attribute, value]) => (value === undefined ? [] : [`${attribute}="${escapeHtml(value)}"`]));
  const json = {
    filename: artifact.name,
    url,
    hashes: { sha256: artifact.sha256 },
    size: artifact.size,
    "upload-time": publishedAt,
    ...(requiresPython !== undefined && { "requires-python": requiresPython }),
    // Under its older name too in HTML, but not here: pip 22.3 to 23.0, Debian 12's among them, read an object there as text and end.
    ...(metadataSha256 !== undefined && { "core-metadata": { sha256: metadataSha256 } }),
    yanked: yanked === undefined ? false : yanked === "" ? true : yanked,
  };
  return [
    { list: `${name}/links`, key, text: `<a ${attributes.join(" ")}>${escapeHtml(artifact.name)}</a><br>\n` },
    { list: `${name}/files.json`, key, text: JSON.stringify(json) },
    { list: `${name}/versions.json`, key: `${sortKey} ${version}`, text: JSON.stringify(version) },
  ];
}

async function projectPages(view: FeedView, folder: string, name: string): Promise<readonly FeedFile[]> {
  const find = (part: string) => view.lists.get(`${name}/${part}`);
  const [links, files, versions] = [await find("links"), await find("files.json"), await find("versions.json")];
  const page = (ending: string, contentType: string, parts: FeedFile["parts"]): FeedFile => ({
    path: `${folder}/${name}/index.${ending}`,
    contentType,
    cache: "index",
    parts,
  });
  const isThere = links !== undefined && files !== undefined && versions !== undefined;
  await view.lists.set("projects", name, isThere ? `<a href="${name}/">${escapeHtml(name)}</a><br>\n` : undefined);
  await view.lists.set("projects.json", name, isThere ? JSON.stringify({ name }) : undefined);
  if (!isThere) return [page("html", HTML_TYPE, undefined), page("json", JSON_TYPE, undefined)];
  return [
    page("html", HTML_TYPE, htmlPage(`Links for ${name}`, { list: links, encoding: "plain" })),
    page("json", JSON_TYPE, [
      `{"meta":{"api-version":"${API_VERSION}"},"name":${JSON.stringify(name)},"versions":[`,
      { list: versions, encoding: "plain" },
      '],"files":[',
      { list: files, encoding: "plain" },
      "]}",
    ]),
  ];
}

async function rootPages(view: FeedView, folder: string): Promise<readonly FeedFile[]> {
  const [html, json] = [await view.lists.get("projects"), await view.lists.get("projects.json")];
  const list = (ref: typeof html): readonly FilePart[] => (ref ? [{ list: ref, encoding: "plain" }] : []);
  return [
    { path: `${folder}/index.html`, contentType: HTML_TYPE, cache: "index", parts: htmlPage("Simple index", ...list(html)) },
    {
      path: `${folder}/index.json`,
      contentType: JSON_TYPE,
      cache: "index",
      parts: [`{"meta":{"api-version":"${API_VERSION}"},"projects":[`, ...list(json), "]}"],
    },
  ];
}

function htmlPage(title: string, ...content: readonly FilePart[]): readonly FilePart[] {
  const meta = `<meta name="pypi:repository-version" content="${API_VERSION}">`;
  return [`<!DOCTYPE html>\n<html><head>${meta}<title>${escapeHtml(title)}</title></head><body>\n`, ...content, "</body></html>\n"];
}
