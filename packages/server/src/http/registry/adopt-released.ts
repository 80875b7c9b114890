import { findImageBlob, type Image } from "../../service/images/images.ts";
import type { Manifest } from "../../service/images/manifest.ts";
import type { RegistryContext, RegistryRequest } from "./registry-context.ts";

/**
 * What a manifest names and a release of the image holds inside an archive becomes a blob of the image: clients that find it there do not send
 * it again.
 */
export async function adoptReleased(
  { instance, images, uploads }: RegistryContext,
  { principal, name, request }: RegistryRequest,
  image: Image,
  { config, layers }: Manifest,
): Promise<void> {
  const caller = { principal };
  for (const { digest } of [...(config ? [config] : []), ...layers]) {
    if (await findImageBlob(instance.db.read, image, digest)) continue;
    const found = await images.file(new Request(request.url), principal, name, `blobs/${digest}`);
    if (!found?.body) continue;
    const upload = await uploads.begin(caller, image);
    await uploads.append(caller, image, upload, undefined, found.body);
    await uploads.finish(caller, image, upload, digest);
  }
}
