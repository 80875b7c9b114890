// Somebody who looks at pages: what he may, and addresses that carry his right where an installer cannot.
import { isAllowed, isOpen, type Principal } from "@distd/core";
import type { Capabilities, CapabilityKind } from "../auth/capability.ts";
import type { AppRow } from "../service/apps.ts";
import type { Instance } from "../service/instance.ts";
import { type ArtifactRow, artifactPath, isArtifactOnly } from "../service/releases/releases.ts";
import { iconPath } from "./icon-path.ts";
import { otaManifestPath } from "./ota-manifest.ts";

/** Long enough to download, short enough for an address that was copied. The link behind it is judged at every request. */
const CAPABILITY_SECONDS = 6 * 3600;

/** Of one artifact, for one visitor. Undefined: it is not for him. */
export interface Addresses {
  readonly download: string | undefined;
  /** Where a device fetches it to install it. */
  readonly install: string | undefined;
  /** What an iPhone's installer asks for first. It sends no credentials, so that there is none for who has only these. */
  readonly manifest: string | undefined;
}

export function capabilityPath(capability: string, name: string): string {
  return `/g/${capability}/${encodeURIComponent(name)}`;
}

interface Asked {
  readonly app: AppRow;
  readonly row: ArtifactRow;
  readonly offeredOn: readonly string[];
  /** Apple's, which sends nothing of whom it works for. */
  readonly isInstaller: boolean;
}

export function addressesOf(
  { baseUrl, now }: Instance,
  capabilities: Capabilities,
  principal: Principal,
  { app, row, offeredOn, isInstaller }: Asked,
): Addresses {
  const isKnown = principal.kind !== "anonymous" || !isArtifactOnly(row);
  const may = (use: "download" | "install"): boolean => isKnown && isAllowed(principal, use, { app, offeredOn });
  if (row.link !== null) {
    const link = may("install") ? row.link : undefined;
    return { download: link, install: link, manifest: undefined };
  }
  const carrying = (kind: CapabilityKind, name: string): string =>
    `${baseUrl}${capabilityPath(
      capabilities.render({
        kind,
        bearer: bearerOf(principal),
        app: app.slug,
        artifact: row.id,
        expiresAt: Math.floor(now() / 1000) + CAPABILITY_SECONDS,
      }),
      name,
    )}`;
  /** Who sends credentials or a cookie, or needs none, has the file's own address. */
  const isPlain =
    (isOpen(app.access) && isOpen(app.download) && !(principal.kind === "tester" && isArtifactOnly(row))) ||
    (!isInstaller && (principal.kind === "token" || principal.kind === "admin"));
  const plain = `${baseUrl}/d/${artifactPath(app.slug, row)}`;
  const fileFor = (use: "download" | "install"): string => (isPlain && may("download") ? plain : carrying(use, row.name));
  const isOpenToAll = isOpen(app.access) && isOpen(app.install);
  const hasManifest = row.platform === "ios" && may("install") && (isOpenToAll || bearerOf(principal) !== "");
  return {
    download: may("download") ? fileFor("download") : undefined,
    install: may("install") ? fileFor("install") : undefined,
    manifest: hasManifest
      ? isOpenToAll
        ? `${baseUrl}${otaManifestPath(app.slug, row.id)}`
        : carrying("manifest", "manifest.plist")
      : undefined,
  };
}

/** Whom a capability stands for: a tester's link, a token. The administrator's has no row that could be judged again. */
function bearerOf({ kind, id }: Principal): string {
  return kind === "tester" || kind === "token" ? id : "";
}

/** Where the installer that has such a manifest fetches the icon. */
export function iconAddress(
  instance: Instance,
  capabilities: Capabilities,
  principal: Principal,
  { slug, artifact, icon }: { readonly slug: string; readonly artifact: string; readonly icon: string },
): string {
  const bearer = bearerOf(principal);
  if (bearer === "") return `${instance.baseUrl}${iconPath(slug, icon)}`;
  const expiresAt = Math.floor(instance.now() / 1000) + CAPABILITY_SECONDS;
  return `${instance.baseUrl}${capabilityPath(capabilities.render({ kind: "icon", bearer, app: slug, artifact, expiresAt }), "icon.png")}`;
}

export interface Visitor {
  readonly principal: Principal;
  /** `offeredOn`: the channels that have it. */
  addressesOf(app: AppRow, row: ArtifactRow, offeredOn: readonly string[]): Addresses;
}

export function createVisitor(instance: Instance, capabilities: Capabilities, principal: Principal, isInstaller = false): Visitor {
  return {
    principal,
    addressesOf: (app, row, offeredOn) => addressesOf(instance, capabilities, principal, { app, row, offeredOn, isInstaller }),
  };
}
