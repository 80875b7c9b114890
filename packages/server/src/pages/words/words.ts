import type { Platform } from "@distd/core";

/** How a page says that somebody signed: what was found out, and by whom. */
export interface TrustWords {
  readonly unsigned: string;
  unverified(schemes: string): string;
  readonly broken: string;
  readonly nobody: string;
  /** Between the names of several signers. */
  readonly and: string;
  trusted(name: string): string;
  /** The bytes hold; nobody here vouches for who signed them. */
  intact(name: string): string;
  readonly notarized: string;
  readonly notNotarized: string;
}

/** Titles and explanations of pages for what went wrong, by kind. */
export interface ErrorWords {
  readonly title: string;
  readonly text: string;
}

export type ErrorKind = "notFound" | "notOpen" | "linkEnded" | "gone" | "quarantined" | "tooMany" | "failed";

/** Everything pages say, in one language. Whoever adds a text adds it to all. */
export interface Words {
  /** BCP 47. */
  readonly language: string;
  /** In its own language. */
  readonly name: string;
  readonly direction: "ltr" | "rtl";
  readonly platforms: Readonly<Record<Platform, string>>;
  /** The heading of the page of all apps. */
  readonly apps: string;
  readonly noApps: string;
  /** For whoever gets a pasted link: what it is for. */
  platformList(platforms: readonly Platform[]): string;
  readonly channels: string;
  readonly nothingLive: string;
  install(platform: string): string;
  download(what: string): string;
  readonly openTestFlight: string;
  open(where: string): string;
  /** `Android 8 or newer`. */
  orNewer(system: string): string;
  readonly whatsNew: string;
  readonly otherDevices: string;
  readonly otherFiles: string;
  readonly olderReleases: string;
  readonly allReleases: string;
  readonly release: string;
  readonly versionWord: string;
  readonly build: string;
  readonly published: string;
  readonly trust: string;
  readonly details: string;
  readonly size: string;
  readonly digest: string;
  readonly signer: string;
  readonly certificate: string;
  readonly validUntil: string;
  readonly accepted: string;
  /** What the release gate looked at. */
  readonly checks: string;
  readonly noFindings: string;
  readonly withdrawn: string;
  readonly onTheCommandLine: string;
  readonly scan: string;
  readonly notThisDevice: string;
  readonly yourDevice: string;
  readonly chooseLanguage: string;
  readonly chip: Readonly<Record<"arm64" | "x64", string>>;
  readonly macChips: string;
  readonly libc: string;
  /** How Android is told that a browser may install apps: since Android 8, before it, and where nobody knows which it is. */
  readonly unknownSources: { readonly perApp: string; readonly forAll: string; readonly either: string };
  readonly openBrowser: (app: string) => string;
  /** Of builds that an iPhone installs from a page. */
  readonly ota: {
    readonly install: string;
    enterprise(team: string): string;
    adHoc(devices: string): string;
    readonly devices: string;
    until(day: string): string;
    expired(day: string): string;
    readonly needsHttps: string;
  };
  readonly ipaAlone: string;
  /** Of such a file, for people who have not said who they are. */
  readonly ipaForKnown: string;
  readonly macUnnotarized: string;
  readonly windowsUnsigned: string;
  readonly linuxExecutable: string;
  readonly trustOf: TrustWords;
  readonly errors: Readonly<Record<ErrorKind, ErrorWords>>;
  /** For whoever sees an app whose files are for fewer people. */
  readonly forInvited: string;
  ask(contact: string): string;
  /** For people who have a token. */
  readonly signIn: {
    readonly title: string;
    readonly text: string;
    readonly token: string;
    readonly button: string;
    readonly refused: string;
    /** On pages that ask for one. */
    readonly haveToken: string;
    readonly out: string;
  };
  /** The mail that brings a personal link. */
  readonly invitation: {
    subject(app: string): string;
    hello(name: string): string;
    text(app: string): string;
    until(day: string): string;
    readonly personal: string;
  };
  readonly back: string;
  readonly replacement: string;
  readonly poweredBy: string;
}
