// A Python pickle, alone or as data.pkl in the zip that torch.save writes. A pickle is a program for a small machine that may import and
// call anything: loading one runs code of its author. Followed: CPython's pickletools.py. It is read, never run.
import { type ArtifactFacts, type ByteSource, limitSource } from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { streamOf } from "../../stream/byte-stream.ts";
import { openZip } from "../../zip/open-zip.ts";
import { type PickleFacts, readPickle } from "./read-pickle.ts";

const TORCH_MEMBER = /^(?:[^/]+\/)?data\.pkl$/;
/** Old torch files are several pickles, one after the other, and then the tensors. */
const MAX_PICKLES = 8;

export const pickle: Inspector = {
  id: "pickle",
  factsVersion: 1,
  extensions: [".pkl", ".pickle", ".pt", ".pth", ".ckpt"],
  sniff({ head, name, zipEntries }) {
    if (isPickle(head) || zipEntries.some((entry) => TORCH_MEMBER.test(entry))) return "yes";
    return pickle.extensions.some((extension) => name.endsWith(extension)) ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectPickle(limitSource(source, limits.maxReadBytes), limits)),
};

/** Protocols 2 and 3 have no frame, so what such a pickle usually does first has to tell; 0 and 1 look like any text. */
function isPickle(head: Uint8Array): boolean {
  const [mark, protocol, opcode, next] = head;
  if (mark !== 0x80 || head.length < 12) return false;
  if (protocol === 4 || protocol === 5) return opcode === 0x95 && head.subarray(8, 11).every((byte) => byte === 0);
  if (protocol !== 2 && protocol !== 3) return false;
  const memoized = (opcode === 0x7d || opcode === 0x5d) && next === 0x71;
  const isGlobal = opcode === 0x63 && /^[A-Za-z_][\w.]*\n/.test(Buffer.from(head.subarray(3, 200)).toString("latin1"));
  return memoized || isGlobal || (opcode === 0x8a && next === 10);
}

async function inspectPickle(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const [first, second] = await source.read(0, Math.min(2, source.size));
  const isZip = first === 0x50 && second === 0x4b;
  const pickles = isZip ? [await readTorch(source, limits)] : await readPlain(source);
  const imports = [...new Set(pickles.flatMap((own) => own.imports))].sort();
  const shown = imports.slice(0, 5).map((name) => JSON.stringify(name.slice(0, 80)));
  const named = shown.length === 0 ? "nothing is imported in the part that was read" : `it imports ${shown.join(", ")}`;
  return {
    format: pickle.id,
    factsVersion: pickle.factsVersion,
    platform: "any",
    architectures: ["any"],
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems: [{ code: "pickle/runs-code", message: `loading it can run any code: ${named}` }],
    details: {
      container: isZip ? "torch" : "pickle",
      protocol: pickles[0]?.protocol ?? 0,
      imports,
      complete: pickles.every(({ complete }) => complete),
    },
  };
}

async function readTorch(source: ByteSource, limits: InspectLimits): Promise<PickleFacts> {
  const zip = await openZip(source, limits, { contiguous: false });
  const [entry, ...others] = zip.entries.filter(({ name }) => TORCH_MEMBER.test(name));
  if (entry === undefined || others.length > 0)
    throw broken(`pickle: data.pkl is in the archive ${others.length + (entry === undefined ? 0 : 1)} times`);
  const content = zip.forward(entry);
  try {
    return await readPickle(streamOf(content));
  } finally {
    await content.close();
  }
}

async function readPlain(source: ByteSource): Promise<readonly PickleFacts[]> {
  const stream = streamOf(source);
  const pickles = [await readPickle(stream)];
  while (pickles.length < MAX_PICKLES && pickles.at(-1)?.complete === true && stream.position < source.size) {
    const [next] = await source.read(stream.position, 1);
    if (next !== 0x80) break;
    pickles.push(await readPickle(stream));
  }
  return pickles;
}
