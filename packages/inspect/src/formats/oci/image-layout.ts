import { broken } from "../../broken.ts";
import { isObject, parseJsonObject, textOf, textsOf } from "../../json/parse-json.ts";
import { present } from "../../present.ts";
import { type ImageFacts, parseImageConfig } from "./image-config.ts";
import type { SmallFiles } from "./small-files.ts";

const MAX_IMAGES = 64;
const MAX_LAYERS = 4096;
/** An index of indexes is as deep as anybody builds. */
const MAX_INDEX_DEPTH = 3;

/** Every image the layout's index leads to. What it names that is not there (other platforms of a list) is left out. */
export function readImageLayout(files: SmallFiles, maxDepth: number): readonly ImageFacts[] {
  const index = files.find("index.json");
  if (index === undefined) throw broken("oci: index.json is not JSON");
  const images: ImageFacts[] = [];
  walk(parseJsonObject(index, maxDepth, "index.json"), undefined, 0);
  return images;

  function walk(list: Readonly<Record<string, unknown>>, tags: readonly string[] | undefined, depth: number): void {
    if (depth > MAX_INDEX_DEPTH) throw broken("oci: indexes in indexes without end");
    for (const descriptor of Array.isArray(list["manifests"]) ? list["manifests"] : []) {
      if (!isObject(descriptor)) throw broken("oci: a descriptor is damaged");
      const bytes = files.find(blobPath(descriptor["digest"]));
      if (bytes === undefined) continue;
      const own = tagsOf(textsOf(descriptor["annotations"])) ?? tags;
      const manifest = parseJsonObject(bytes, maxDepth, "oci: a manifest");
      if (Array.isArray(manifest["manifests"])) walk(manifest, own, depth + 1);
      else if (images.length === MAX_IMAGES) throw broken(`oci: more than ${MAX_IMAGES} images`);
      else images.push(readImage(manifest, own));
    }
  }

  function readImage(manifest: Readonly<Record<string, unknown>>, tags: readonly string[] | undefined): ImageFacts {
    const config = isObject(manifest["config"]) ? manifest["config"] : {};
    const layers = Array.isArray(manifest["layers"]) ? manifest["layers"].filter(isObject) : [];
    if (layers.length > MAX_LAYERS) throw broken(`oci: an image of ${layers.length} layers`);
    const missing = files.isComplete ? layers.filter((layer) => !files.has(blobPath(layer["digest"]))).length : 0;
    const mediaType = textOf(config["mediaType"]) ?? "";
    const isImage = /\.(?:image\.config|container\.image)\.v1\+json$/.test(mediaType);
    return {
      ...(isImage ? parseImageConfig(files.find(blobPath(config["digest"])), maxDepth) : {}),
      ...present({
        tags,
        artifactType: textOf(manifest["artifactType"]) ?? (isImage ? undefined : mediaType || undefined),
        annotations: textsOf(manifest["annotations"]),
      }),
      layers: layers.length,
      layerBytes: layers.reduce((sum, { size }) => sum + (Number.isSafeInteger(size) && (size as number) > 0 ? (size as number) : 0), 0),
      missingLayers: missing,
    };
  }
}

function blobPath(digest: unknown): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(textOf(digest) ?? "")?.[1];
  return hex === undefined ? "" : `blobs/sha256/${hex}`;
}

/** containerd writes the whole name, the specification only the tag. */
function tagsOf(annotations: Readonly<Record<string, string>> | undefined): readonly string[] | undefined {
  const tag = annotations?.["io.containerd.image.name"] ?? annotations?.["org.opencontainers.image.ref.name"];
  return tag === undefined ? undefined : [tag];
}
