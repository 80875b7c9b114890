import { names } from "./names.ts";
import type { Words } from "./words.ts";

export const de: Words = {
  language: "de",
  name: "Deutsch",
  direction: "ltr",
  platforms: { android: "Android", ios: "iPhone und iPad", macos: "macOS", windows: "Windows", linux: "Linux", any: "Jedes System" },
  apps: "Apps",
  noApps: "Hier gibt es keine App, die alle sehen dürfen.",
  platformList: (platforms) => `Für ${names(platforms, de)}`,
  channels: "Kanäle",
  nothingLive: "Auf diesem Kanal ist noch nichts veröffentlicht.",
  install: (platform) => `Auf ${platform} installieren`,
  download: (what) => `${what} laden`,
  openTestFlight: "In TestFlight öffnen",
  open: (where) => `${where} öffnen`,
  orNewer: (system) => `${system} oder neuer`,
  whatsNew: "Neu in dieser Version",
  otherDevices: "Andere Geräte",
  otherFiles: "Weitere Dateien",
  olderReleases: "Ältere Versionen",
  allReleases: "Alle Versionen",
  release: "Version",
  versionWord: "Version",
  build: "Build",
  published: "Veröffentlicht",
  trust: "Wer es signiert hat",
  details: "Einzelheiten",
  size: "Größe",
  digest: "SHA-256",
  signer: "Signiert von",
  certificate: "Zertifikat",
  validUntil: "Gültig bis",
  accepted: "Trotz einer Prüfung zugelassen",
  withdrawn: "Zurückgezogen",
  onTheCommandLine: "Auf der Kommandozeile",
  scan: "Scannen, um diese Seite auf einem Telefon zu öffnen",
  notThisDevice: "Nicht Ihr Gerät?",
  yourDevice: "Ihr Gerät",
  chooseLanguage: "Sprache",
  chip: { arm64: "Apple-Chip", x64: "Intel" },
  macChips: "Macs seit Ende 2020 haben einen Apple-Chip: siehe „Über diesen Mac“.",
  libc: "Für Systeme wie Alpine, mit musl",
  unknownSources:
    "Android fragt einmal, ob Ihr Browser Apps installieren darf: Erlauben Sie es in den Einstellungen, die sich öffnen, und gehen Sie zurück. Ältere Systeme fragen in den Sicherheitseinstellungen nach „Unbekannten Quellen“.",
  openBrowser: (app) =>
    `${app === "" ? "Diese App" : app} kann nichts installieren. Öffnen Sie diese Seite in Ihrem Browser: Im Menü steht „Im Browser öffnen“.`,
  ota: {
    install: "Auf diesem iPhone oder iPad installieren",
    enterprise: (team) =>
      `Für Geräte von ${team}. Öffnen Sie danach Einstellungen, Allgemein, VPN und Geräteverwaltung, und vertrauen Sie ${team}.`,
    adHoc: (count) =>
      `Lässt sich nur auf den ${count} Geräten installieren, die dafür angemeldet sind. Um dazuzukommen, schicken Sie dem Herausgeber die UDID Ihres Geräts.`,
    devices: "Ist mein Gerät dabei?",
    until: (day) => `Läuft bis ${day}.`,
    expired: (day) =>
      `Das Profil ist am ${day} abgelaufen: Es lässt sich weder installieren noch starten. Bitten Sie um eine neue Version.`,
    needsHttps: "Ein iPhone installiert nur über https, und dieser Server wird ohne erreicht. Wer ihn betreibt, kann das ändern.",
  },
  ipaAlone:
    "Diese Datei lässt sich nicht von selbst auf einem iPhone installieren. Fragen Sie nach dem TestFlight-Link oder nutzen Sie die Geräteverwaltung Ihrer Firma.",
  macUnnotarized:
    "macOS öffnet es beim ersten Versuch nicht: Apple hat es nicht geprüft. Wenn Sie dem Hersteller vertrauen, wählen Sie in den Systemeinstellungen unter „Datenschutz & Sicherheit“ „Dennoch öffnen“.",
  windowsUnsigned:
    "Windows warnt vielleicht vor einem unbekannten Herausgeber. Wenn Sie dem Hersteller vertrauen, wählen Sie „Weitere Informationen“, dann „Trotzdem ausführen“.",
  linuxExecutable: "Machen Sie es ausführbar, bevor Sie es starten: chmod +x",
  trustOf: {
    unsigned: "Nicht signiert",
    unverified: (schemes) => `Signiert (${schemes}), nicht geprüft`,
    broken: "Signiert, aber verändert: Das sind nicht die signierten Bytes, oder nicht von dem, der genannt ist",
    nobody: "Von niemandem signiert: unverändert nur, soweit niemand es ändern konnte",
    and: " und ",
    trusted: (name) => `Signiert von ${name}, unverändert, vertrauenswürdig`,
    intact: (name) => `Signiert von ${name}, unverändert, nicht verbürgt`,
    notarized: "von Apple notarisiert",
    notNotarized: "nicht von Apple notarisiert",
  },
  errors: {
    notFound: {
      title: "Nicht gefunden",
      text: "Unter dieser Adresse gibt es nichts. Prüfen Sie sie auf Tippfehler, oder fragen Sie, wer sie Ihnen geschickt hat.",
    },
    notOpen: {
      title: "Nicht für alle offen",
      text: "Diese App ist für Eingeladene. Bitten Sie, wer Ihnen davon erzählt hat, um einen eigenen Link.",
    },
    gone: { title: "Zurückgezogen", text: "Diese Version wurde zurückgezogen und wird nicht mehr ausgeliefert." },
    quarantined: {
      title: "Gesperrt",
      text: "Diese Datei wurde aus Sicherheitsgründen gesperrt und darf nicht installiert werden. Wenn Sie sie schon haben, entfernen Sie sie.",
    },
    tooMany: { title: "Zu viele Anfragen", text: "Warten Sie eine Minute und versuchen Sie es dann noch einmal." },
    failed: {
      title: "Etwas ist schiefgegangen",
      text: "Der Server konnte nicht antworten. Versuchen Sie es in einer Minute noch einmal; bleibt es so, sagen Sie es, wer ihn betreibt.",
    },
  },
  back: "Alle Apps",
  replacement: "Nehmen Sie stattdessen",
  poweredBy: "Ausgeliefert von distd",
};
