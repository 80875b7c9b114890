import { asDistError, type ByteSource, checkRange, DistError, toProblem } from "@distd/core";
import { readArtifact } from "@distd/inspect";
import { verifyArtifact, withVerdict } from "@distd/inspect/verify";
import type { FromChild, ToChild } from "./messages.ts";

/** The child: reads one artifact after the other, asking its parent for bytes, until the parent ends it. */
export function runInspectChild(): void {
  const send = (message: FromChild): void => void process.send?.(message);
  const waiting = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>();
  let reads = 0;

  const source = (file: number, size: number): ByteSource => ({
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      const read = ++reads;
      const answer = new Promise<Uint8Array>((resolve, reject) => waiting.set(read, { resolve, reject }));
      send({ kind: "read", read, file, offset, length });
      return answer;
    },
  });
  const work = async (message: Extract<ToChild, { kind: "inspect" | "verify" }>): Promise<FromChild> => {
    const [artifact, ...beside] = message.files.map(({ name, size }, file) => ({ name, source: source(file, size) }));
    if (!artifact) throw new DistError("server/failed", "there is no artifact to read");
    const { name: fileName, source: bytes } = artifact;
    const now = new Date();
    if (message.kind === "inspect") {
      const inspection = await readArtifact(bytes, fileName);
      const verdict = await verifyArtifact(bytes, { format: inspection.facts.format, fileName, now });
      return { kind: "inspected", inspection: { ...inspection, facts: withVerdict(inspection.facts, verdict) } };
    }
    const { format, trust } = message;
    const files = new Map(beside.map((file) => [file.name, file.source]));
    return {
      kind: "verified",
      verdict: await verifyArtifact(bytes, { format, fileName, now, trust, beside: files }),
    };
  };
  const answer = async (message: Parameters<typeof work>[0]): Promise<void> => {
    try {
      send(await work(message));
    } catch (thrown) {
      send({ kind: "refused", problem: toProblem(asDistError(thrown)) });
    }
  };

  process.on("message", (message: ToChild) => {
    if (message.kind === "inspect" || message.kind === "verify") return void answer(message);
    const asked = waiting.get(message.read);
    waiting.delete(message.read);
    if (message.kind === "bytes") asked?.resolve(message.bytes);
    else asked?.reject(new DistError("server/unavailable", "the bytes cannot be read right now"));
    return undefined;
  });
  process.on("disconnect", () => process.exit(0));
  send({ kind: "ready" });
}
