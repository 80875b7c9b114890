/** @jsxImportSource hono/jsx */
import type { ArtifactView } from "../delivery/page-views.ts";
import { Needs } from "./parts.tsx";
import { trustOf } from "./trust.ts";
import type { Visit } from "./visit.ts";
import type { Words } from "./words/index.ts";

/** The right thing to press for a device, and what to know before. */
export function Action({ visit, first }: { readonly visit: Visit; readonly first: readonly ArtifactView[] }) {
  const [view] = first;
  if (view === undefined) return null;
  const inApp = visit.device.inApp;
  const help = helpFor(view, visit.words);
  return (
    <section class="act">
      {inApp !== undefined && <p class="note bad">{visit.words.openBrowser(inApp)}</p>}
      {first.map((one, index) => (
        <a class={index === 0 ? "button" : "button second"} href={one.address}>
          {verbFor(one, first.length > 1, visit.words)}
        </a>
      ))}
      {first.length > 1 && <p class="muted">{visit.words.macChips}</p>}
      <Needs visit={visit} view={view} />
      {help.map((text) => (
        <p class="note">{text}</p>
      ))}
    </section>
  );
}

function verbFor({ row }: ArtifactView, isOneOfTwo: boolean, words: Words): string {
  if (row.link !== null)
    return row.install !== null && installMode(row.install) === "testflight" ? words.openTestFlight : words.open(row.name);
  if (row.platform === "android" && row.format === "apk") return words.install(words.platforms.android);
  const chip = row.arch === "arm64" || row.arch === "x64" ? words.chip[row.arch] : "";
  if (isOneOfTwo && chip !== "") return `${words.download(row.format.toUpperCase())} · ${chip}`;
  return row.platform === "any" || row.platform === "ios"
    ? words.download(row.format.toUpperCase())
    : words.download(`${words.platforms[row.platform]} · ${row.format.toUpperCase()}`);
}

/** What somebody who has never done it has to know. */
function helpFor({ row, facts }: ArtifactView, words: Words): readonly string[] {
  if (row.link !== null) return [];
  const trust = facts && trustOf(facts, words);
  const isNotarized = facts?.signing.signatures?.some(({ details }) => details?.["notarized"] === true) === true;
  switch (row.platform) {
    case "android":
      return row.format === "apk" ? [words.unknownSources] : [];
    case "ios":
      return [words.ipaAlone];
    case "macos":
      return ["dmg", "pkg", "macapp", "macho"].includes(row.format) && !isNotarized ? [words.macUnnotarized] : [];
    case "windows":
      return ["exe", "msi"].includes(row.format) && trust?.state !== "ok" ? [words.windowsUnsigned] : [];
    case "linux":
      return ["appimage", "elf"].includes(row.format) ? [`${words.linuxExecutable} ${row.name}`] : [];
    default:
      return [];
  }
}

function installMode(install: string): string | undefined {
  return (JSON.parse(install) as { readonly mode?: string }).mode;
}
