import { decodeUtf8 } from "@distd/core";
import { broken } from "../../broken.ts";
import { isObject, parseJsonObject, textOf } from "../../json/parse-json.ts";
import { present } from "../../present.ts";
import { type ImageFacts, parseImageConfig, textList } from "./image-config.ts";
import type { SmallFiles } from "./small-files.ts";

const MAX_IMAGES = 64;

/** moby, image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format": a list of images, each naming its files. */
export function readDockerArchive(files: SmallFiles, maxDepth: number): readonly ImageFacts[] {
  const bytes = files.find("manifest.json");
  if (bytes === undefined) throw broken("oci: manifest.json is not JSON");
  // A list cannot be the top of an object, so it is wrapped to be read by the same, depth-counting parser.
  const wrapped = new TextEncoder().encode(`{"images":${decodeUtf8(bytes)}}`);
  const images = parseJsonObject(wrapped, maxDepth, "manifest.json")["images"];
  if (!Array.isArray(images) || images.length > MAX_IMAGES) throw broken("oci: manifest.json is no list of images");
  return images.map((image: unknown) => {
    if (!isObject(image)) throw broken("oci: manifest.json is damaged");
    const config = files.find(textOf(image["Config"]) ?? "");
    if (config === undefined) throw broken("oci: an image's configuration is missing");
    const layers = textList(image["Layers"]) ?? [];
    return {
      ...parseImageConfig(config, maxDepth),
      ...present({ tags: textList(image["RepoTags"]) }),
      layers: layers.length,
      missingLayers: files.isComplete ? layers.filter((layer) => !files.has(layer)).length : 0,
    };
  });
}
