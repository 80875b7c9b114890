// What an iPhone's installer reads before it fetches an app (Apple Platform Deployment, "Distribute proprietary in-house apps"). It sends no cookies and no
// credentials, and takes https only.
import { type ArtifactFacts, DistError } from "@distd/core";
import type { Instance } from "../service/instance.ts";
import type { ArtifactRow } from "../service/releases/releases.ts";
import { iosWay } from "./ios-way.ts";
import { writePlist } from "./write-plist.ts";

/** Path below the app's pages. */
export function otaManifestPath(slug: string, artifact: string): string {
  return `/a/${slug}/ios/${artifact}/manifest.plist`;
}

/** `itms-services:` opens the installer; everything behind it is one encoded address. */
export function otaLink(manifest: string): string {
  return `itms-services://?action=download-manifest&url=${encodeURIComponent(manifest)}`;
}

export interface OtaAddresses {
  readonly app: string;
  /** Of a PNG. */
  readonly icon: string | undefined;
}

/** The manifest of an IPA that installs over the air; others have none. */
export function otaManifest(instance: Instance, slug: string, row: ArtifactRow, addresses: OtaAddresses): string {
  const facts = row.facts === null ? undefined : (JSON.parse(row.facts) as ArtifactFacts);
  const { kind } = iosWay(row, facts, instance.now());
  const identifier = facts?.identifier;
  const version = facts?.build ?? facts?.version;
  if (
    (kind !== "enterprise" && kind !== "ad-hoc") ||
    identifier === undefined ||
    version === undefined ||
    !instance.baseUrl.startsWith("https://")
  )
    throw new DistError("artifact/not-found", `'${row.name}' does not install over the air`);
  const image =
    addresses.icon === undefined ? [] : ["display-image", "full-size-image"].map((name) => ({ kind: name, url: addresses.icon ?? "" }));
  const assets = [{ kind: "software-package", url: addresses.app }, ...image];
  const metadata = { "bundle-identifier": identifier, "bundle-version": version, kind: "software", title: facts?.name ?? slug };
  return writePlist({ items: [{ assets, metadata }] });
}
