import type { ArtifactView } from "../delivery/page-views.ts";
import { trustOf } from "./trust.ts";
import type { Device } from "./device/device.ts";
import type { Words } from "./words/index.ts";

const ANDROID_ASKS_PER_APP = 8;

/** What to press, the right thing first, and what to know before. */
export interface Steps {
  readonly buttons: readonly { readonly text: string; readonly href: string }[];
  readonly notes: readonly string[];
  /** Those it installs on, where it does not install on all. */
  readonly devices?: readonly string[];
}

/** Of all platforms but iOS. `first`: as `chooseActions` has it. */
export function plainSteps(first: readonly ArtifactView[], words: Words, device: Device): Steps {
  const [view] = first;
  const buttons = first.flatMap((one) => buttonFor(verbFor(one, first.length > 1, words), one.addresses.install));
  const chips = first.length > 1 ? [words.macChips] : [];
  return { buttons, notes: view === undefined ? [] : [...chips, ...helpFor(view, words, device)] };
}

/** None without an address: it is not for this visitor. */
export function buttonFor(text: string, href: string | undefined): Steps["buttons"] {
  return href === undefined ? [] : [{ text, href }];
}

function verbFor({ row }: ArtifactView, isOneOfTwo: boolean, words: Words): string {
  if (row.link !== null) return words.open(row.name);
  if (row.platform === "android" && row.format === "apk") return words.install(words.platforms.android);
  const kind = row.format.toUpperCase();
  const chip = row.arch === "arm64" || row.arch === "x64" ? words.chip[row.arch] : "";
  if (isOneOfTwo && chip !== "") return `${words.download(kind)} · ${chip}`;
  return words.download(row.platform === "any" ? kind : `${words.platforms[row.platform]} · ${kind}`);
}

/** What somebody who has never done it has to know. */
function helpFor({ row, facts }: ArtifactView, words: Words, device: Device): readonly string[] {
  if (row.link !== null) return [];
  const trust = facts && trustOf(facts, words);
  const isNotarized = facts?.signing.signatures?.some(({ details }) => details?.["notarized"] === true) === true;
  switch (row.platform) {
    case "android":
      return row.format === "apk" ? [unknownSources(words, device)] : [];
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

/** Since Android 8 an app is allowed to install others; before, the whole system was. */
function unknownSources({ unknownSources: words }: Words, { systemVersion }: Device): string {
  if (systemVersion === undefined) return words.either;
  return systemVersion >= ANDROID_ASKS_PER_APP ? words.perApp : words.forAll;
}
