import type { ArtifactFacts } from "@distd/core";
import type { Style } from "./output.ts";
import { renderSigning } from "./render-signing.ts";
import { renderTable } from "./table.ts";

/** Longest text of one detail on a page for people; `--json` has all of it. */
const MAX_DETAIL_CHARACTERS = 72;

/** A file as a person wants to read about it: what it is, what is wrong with it, what it needs, who signed it, the rest. */
export function renderFacts(facts: ArtifactFacts, style: Style): string {
  const { format, platform, architectures, identifier, version, build, name, signing } = facts;
  const title = [name ?? identifier ?? `a ${format} file`, version, build === undefined ? undefined : `(${build})`]
    .filter((part) => part !== undefined)
    .join(" ");
  const kind = [format, platform, ...architectures].filter((word, index) => index === 0 || word !== "any").join(" · ");
  const lines = [
    ...(signing.state === "verified" ? [renderSigning(signing, style), "\n"] : []),
    `${style.bold(title)}\n`,
    `${style.dim([identifier, kind].filter((part) => part !== undefined && part !== title).join("  "))}\n`,
  ];
  for (const { message, code } of facts.problems) lines.push(`${style.bad("!")} ${message} ${style.dim(code)}\n`);
  const rows: string[][] = [];
  if (facts.minOs !== undefined)
    rows.push(["needs", `${platform} ${facts.minOs}${facts.targetOs === undefined ? "" : `, made for ${facts.targetOs}`}`]);
  if (signing.state === "unsigned") rows.push(["signed", "no"]);
  else
    rows.push([
      "signed",
      `${signing.schemes.join(" + ")} ${style.dim(signing.state === "verified" ? "(verified)" : "(read, not verified)")}`,
    ]);
  for (const { subject, sha256, notAfter } of signing.certificates) {
    rows.push([
      "",
      `${commonName(subject)} ${style.dim(`${sha256.slice(0, 12)}${notAfter === undefined ? "" : `, until ${notAfter.slice(0, 10)}`}`)}`,
    ]);
  }
  if (facts.permissions && facts.permissions.length > 0)
    rows.push(["asks for", shorten(facts.permissions.map((text) => text.split(".").at(-1)).join(", "))]);
  lines.push("\n", renderTable(rows));
  const details = Object.entries(facts.details).flatMap(([key, value]) => (isEmpty(value) ? [] : [[style.dim(key), shorten(show(value))]]));
  if (details.length > 0) lines.push("\n", renderTable(details));
  return lines.join("");
}

/** The name in an RFC 4514 subject that people know the signer by. */
function commonName(subject: string): string {
  return /(?:^|,)CN=((?:\\.|[^,\\])*)/.exec(subject)?.[1]?.replace(/\\(.)/g, "$1") ?? subject;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === false || (typeof value === "object" && Object.keys(value).length === 0);
}

function show(value: unknown): string {
  if (Array.isArray(value) && value.every((entry) => typeof entry !== "object")) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function shorten(text: string): string {
  const flat = text.replace(/\s+/g, " ");
  return flat.length <= MAX_DETAIL_CHARACTERS ? flat : `${flat.slice(0, MAX_DETAIL_CHARACTERS - 1)}…`;
}
