import { isObject, parseJsonObject, textOf, textsOf } from "../../json/parse-json.ts";
import { present } from "../../present.ts";

export interface ImageFacts {
  readonly architecture?: string;
  readonly variant?: string;
  readonly os?: string;
  readonly osVersion?: string;
  readonly createdAt?: string;
  /** `name:tag` as `docker save` or the layout's index has it. */
  readonly tags?: readonly string[];
  readonly artifactType?: string;
  readonly user?: string;
  readonly workingFolder?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly exposedPorts?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly layers: number;
  /** Stored, compressed or not; absent when no manifest says. */
  readonly layerBytes?: number;
  readonly missingLayers: number;
}

/** image-spec, config.md: what a container made of the image runs. */
export function parseImageConfig(bytes: Uint8Array | undefined, maxDepth: number): Omit<ImageFacts, "layers" | "missingLayers"> {
  if (bytes === undefined) return {};
  const image = parseJsonObject(bytes, maxDepth, "oci: the configuration");
  const config = isObject(image["config"]) ? image["config"] : {};
  return present({
    architecture: textOf(image["architecture"]),
    variant: textOf(image["variant"]),
    os: textOf(image["os"]),
    osVersion: textOf(image["os.version"]),
    createdAt: textOf(image["created"]),
    user: textOf(config["User"]),
    workingFolder: textOf(config["WorkingDir"]),
    entrypoint: textList(config["Entrypoint"]),
    command: textList(config["Cmd"]),
    exposedPorts: isObject(config["ExposedPorts"]) ? Object.keys(config["ExposedPorts"]).sort() : undefined,
    labels: textsOf(config["Labels"]),
  });
}

export function textList(value: unknown): readonly string[] | undefined {
  const list = Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  return list.length === 0 ? undefined : list;
}
