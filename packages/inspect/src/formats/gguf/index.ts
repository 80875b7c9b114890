// A language model in GGUF: a header, key-value pairs, a table of tensors, and the tensors. Followed: ggml, docs/gguf.md, versions 2 and 3.
// Everything is before the tensors; of the pairs the tokenizer's lists are stepped over.
import { type ArtifactFacts, type ByteSource, limitSource } from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import { present } from "../../present.ts";
import { FILE_TYPES } from "./tensor-types.ts";
import { type GgufHeader, readGguf } from "./read-gguf.ts";

export const gguf: Inspector = {
  id: "gguf",
  factsVersion: 1,
  extensions: [".gguf"],
  sniff({ head, name }) {
    if (Buffer.from(head.subarray(0, 4)).toString("latin1") === "GGUF") return "yes";
    return name.endsWith(".gguf") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectGguf(limitSource(source, limits.maxReadBytes))),
};

async function inspectGguf(source: ByteSource): Promise<ArtifactFacts> {
  const model = await readGguf(source);
  const { pairs } = model;
  const text = (key: string): string | undefined =>
    (typeof pairs.get(key) === "string" ? (pairs.get(key) as string) : undefined) || undefined;
  const number = (key: string): number | undefined => (typeof pairs.get(key) === "number" ? (pairs.get(key) as number) : undefined);
  const architecture = text("general.architecture");
  if (architecture === undefined) throw broken("gguf: the model names no architecture");
  const fileType = number("general.file_type");
  return {
    format: gguf.id,
    factsVersion: gguf.factsVersion,
    platform: "any",
    architectures: ["any"],
    ...present({ version: text("general.version"), name: text("general.name") }),
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems: [],
    details: {
      formatVersion: model.version,
      modelArchitecture: architecture,
      tensors: model.tensorCount,
      parameters: model.parameters,
      tensorTypes: countTypes(model),
      ...present({
        quantization: fileType === undefined ? undefined : (FILE_TYPES.get(fileType) ?? `file-type-${fileType}`),
        sizeLabel: text("general.size_label"),
        baseName: text("general.basename"),
        finetune: text("general.finetune"),
        author: text("general.author"),
        organization: text("general.organization"),
        description: text("general.description"),
        url: text("general.url"),
        license: text("general.license"),
        licenseName: text("general.license.name"),
        licenseLink: text("general.license.link"),
        contextLength: number(`${architecture}.context_length`),
        tokenizer: text("tokenizer.ggml.model"),
        part: number("split.no"),
        parts: number("split.count"),
      }),
    },
  };
}

function countTypes({ tensorTypes }: GgufHeader): Readonly<Record<string, number>> {
  return Object.fromEntries([...tensorTypes].sort(([a], [b]) => (a < b ? -1 : 1)));
}
