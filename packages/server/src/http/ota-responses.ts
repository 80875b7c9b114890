import type { Capabilities } from "../auth/capability.ts";
import type { Files } from "../delivery/files.ts";
import { otaManifest } from "../delivery/ota-manifest.ts";
import { viewArtifact } from "../delivery/page-views.ts";
import { iconAddress, type Visitor } from "../delivery/visitor.ts";
import { openApp } from "../service/apps.ts";
import type { Instance } from "../service/instance.ts";

const MANIFEST_HEADERS = {
  "content-type": "application/xml; charset=utf-8",
  "cache-control": "no-cache",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Of these bytes there is one icon for good; who may not see the app any more keeps what he has. */
const ICON_HEADERS = {
  "content-type": "image/png",
  "cache-control": "private, max-age=31536000, immutable",
  "content-security-policy": "sandbox; default-src 'none'",
  "x-content-type-options": "nosniff",
};

/** What an iPhone's installer asks for first, with the addresses that this visitor has. */
export async function manifestResponse(
  instance: Instance,
  files: Files,
  capabilities: Capabilities,
  visitor: Visitor,
  slug: string,
  artifact: string,
): Promise<Response> {
  const { principal } = visitor;
  const { row, icon, offeredOn } = await viewArtifact(instance, files, principal, slug, artifact);
  const app = await openApp(instance.db.read, principal, "read", slug);
  const addresses = {
    app: visitor.addressesOf(app, row, offeredOn).install ?? "",
    icon: icon && iconAddress(instance, capabilities, principal, { slug, artifact, icon }),
  };
  return new Response(otaManifest(instance, slug, row, addresses), { headers: MANIFEST_HEADERS });
}

export function iconResponse(icon: Uint8Array | undefined): Response {
  return icon === undefined ? new Response(null, { status: 404 }) : new Response(new Uint8Array(icon), { headers: ICON_HEADERS });
}
