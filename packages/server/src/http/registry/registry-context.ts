import type { Principal } from "@distd/core";
import type { ReleasedImages } from "../../delivery/released-images.ts";
import type { SmallBlobs } from "../../delivery/small-blobs.ts";
import type { ImageUploads } from "../../service/images/image-uploads.ts";
import type { ImageName } from "../../service/images/images.ts";
import type { HttpContext } from "../mount.ts";

/** What every operation of the registry gets. */
export interface RegistryContext extends HttpContext {
  readonly uploads: ImageUploads;
  readonly images: ReleasedImages;
  readonly small: SmallBlobs;
}

export interface RegistryRequest {
  readonly request: Request;
  readonly url: URL;
  readonly principal: Principal;
  readonly name: ImageName;
}
