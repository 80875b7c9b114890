import { isOpen } from "@distd/core";
import { otaLink } from "../delivery/ota-manifest.ts";
import type { ArtifactView } from "../delivery/page-views.ts";
import { iosWay } from "../delivery/ios-way.ts";
import type { AppRow } from "../service/apps.ts";
import type { Steps } from "./steps.ts";
import type { Visit } from "./visit.ts";

/** What somebody with an iPhone presses, by the way the build takes: TestFlight, over the air, or a file that does not install by itself. */
export function iosSteps({ words, baseUrl, now, device }: Visit, app: AppRow, view: ArtifactView): Steps {
  const way = iosWay(view.row, view.facts, now);
  if (way.kind === "testflight") return { buttons: [{ text: words.openTestFlight, href: view.address }], notes: [] };
  if (view.row.link !== null) return { buttons: [{ text: words.open(view.row.name), href: view.address }], notes: [] };
  const download = { text: words.download("IPA"), href: view.address };
  if (way.kind === "file") return { buttons: [download], notes: [words.ipaAlone] };
  const day = way.expiresAt?.slice(0, 10) ?? "";
  if (way.isExpired) return { buttons: [download], notes: [words.ota.expired(day)] };
  const whose = way.kind === "enterprise" ? words.ota.enterprise(way.team ?? "") : words.ota.adHoc(String(way.devices?.length ?? 0));
  const notes = [`${whose}${day === "" ? "" : ` ${words.ota.until(day)}`}`];
  const devices = way.kind === "ad-hoc" ? way.devices : undefined;
  if (!baseUrl.startsWith("https://")) return { buttons: [download], notes: [words.ota.needsHttps, ...notes], ...(devices && { devices }) };
  // Its installer sends no credentials; from a computer there is nothing to install on.
  if (!isOpen(app.access) || device.platform !== "ios") return { buttons: [download], notes, ...(devices && { devices }) };
  return {
    buttons: [{ text: words.ota.install, href: otaLink(baseUrl, app.slug, view.row.id) }],
    notes,
    ...(devices && { devices }),
  };
}
