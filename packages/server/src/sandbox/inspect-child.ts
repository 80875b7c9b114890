import { asDistError, type ByteSource, checkRange, DistError, toProblem } from "@distd/core";
import { readArtifact } from "@distd/inspect";
import { verifyArtifact, withVerdict } from "@distd/inspect/verify";
import type { FromChild, ToChild } from "./messages.ts";

/** The child: reads one artifact after the other, asking its parent for bytes, until the parent ends it. */
export function runInspectChild(): void {
  const send = (message: FromChild): void => void process.send?.(message);
  const waiting = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>();
  let reads = 0;

  const source = (size: number): ByteSource => ({
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      const read = ++reads;
      const answer = new Promise<Uint8Array>((resolve, reject) => waiting.set(read, { resolve, reject }));
      send({ kind: "read", read, offset, length });
      return answer;
    },
  });
  const inspect = async (name: string, size: number): Promise<void> => {
    try {
      const bytes = source(size);
      const inspection = await readArtifact(bytes, name);
      const verdict = await verifyArtifact(bytes, { format: inspection.facts.format, fileName: name, now: new Date() });
      send({ kind: "inspected", inspection: { ...inspection, facts: withVerdict(inspection.facts, verdict) } });
    } catch (thrown) {
      send({ kind: "refused", problem: toProblem(asDistError(thrown)) });
    }
  };

  process.on("message", (message: ToChild) => {
    if (message.kind === "inspect") return void inspect(message.name, message.size);
    const asked = waiting.get(message.read);
    waiting.delete(message.read);
    if (message.kind === "bytes") asked?.resolve(message.bytes);
    else asked?.reject(new DistError("server/unavailable", "the bytes cannot be read right now"));
    return undefined;
  });
  process.on("disconnect", () => process.exit(0));
  send({ kind: "ready" });
}
