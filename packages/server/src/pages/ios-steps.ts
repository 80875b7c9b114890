import { otaLink } from "../delivery/ota-manifest.ts";
import type { ArtifactView } from "../delivery/page-views.ts";
import { iosWay } from "../delivery/ios-way.ts";
import { buttonFor, type Steps } from "./steps.ts";
import type { Visit } from "./visit.ts";

/** What somebody with an iPhone presses, by the way the build takes: TestFlight, over the air, or a file that does not install by itself. */
export function iosSteps({ words, baseUrl, now, device }: Visit, view: ArtifactView): Steps {
  const { manifest, download, install } = view.addresses;
  const way = iosWay(view.row, view.facts, now);
  if (way.kind === "testflight") return { buttons: buttonFor(words.openTestFlight, install), notes: [] };
  if (view.row.link !== null) return { buttons: buttonFor(words.open(view.row.name), install), notes: [] };
  const file = buttonFor(words.download("IPA"), download);
  if (way.kind === "file") return { buttons: file, notes: [words.ipaAlone] };
  const day = way.expiresAt?.slice(0, 10) ?? "";
  if (way.isExpired) return { buttons: file, notes: [words.ota.expired(day)] };
  const whose = way.kind === "enterprise" ? words.ota.enterprise(way.team ?? "") : words.ota.adHoc(String(way.devices?.length ?? 0));
  const notes = [`${whose}${day === "" ? "" : ` ${words.ota.until(day)}`}`];
  const devices = way.kind === "ad-hoc" ? way.devices : undefined;
  if (!baseUrl.startsWith("https://")) return { buttons: file, notes: [words.ota.needsHttps, ...notes], ...(devices && { devices }) };
  // Its installer sends no credentials; from a computer there is nothing to install on.
  const isHere = manifest !== undefined && device.platform === "ios";
  return { buttons: isHere ? buttonFor(words.ota.install, otaLink(manifest)) : file, notes, ...(devices && { devices }) };
}
