import type { ByteSource } from "@distd/core";
import type { Inspection } from "@distd/inspect";
import type { Verdict } from "@distd/inspect/verify";
import { type InspectChild, startInspectChild, type VerifyRequest } from "./child-process.ts";
import { CHILD_IDLE_MS, MAX_CHILDREN } from "./limits.ts";

/** Reads artifacts nobody has vouched for, in processes that can be ended: a parser's crash, hang or greed is the artifact's end, not ours. */
export interface InspectionPool {
  inspect(source: ByteSource, name: string): Promise<Inspection>;
  verify(request: VerifyRequest): Promise<Verdict>;
  close(): void;
}

export function createInspectionPool(start: () => Promise<InspectChild> = () => startInspectChild()): InspectionPool {
  const idle: { readonly child: InspectChild; readonly timer: NodeJS.Timeout }[] = [];
  const queue: (() => void)[] = [];
  let working = 0;

  const take = async (): Promise<InspectChild> => {
    if (working >= MAX_CHILDREN) await new Promise<void>((resolve) => queue.push(resolve));
    else working += 1;
    for (let next = idle.pop(); next; next = idle.pop()) {
      clearTimeout(next.timer);
      if (next.child.isAlive) return next.child;
    }
    return start();
  };
  const giveBack = (child: InspectChild | undefined): void => {
    if (child?.isAlive) {
      const timer = setTimeout(() => {
        idle.splice(
          idle.findIndex((entry) => entry.child === child),
          1,
        );
        child.end();
      }, CHILD_IDLE_MS);
      timer.unref();
      idle.push({ child, timer });
    }
    const next = queue.shift();
    if (next) next();
    else working -= 1;
  };

  const withChild = async <T>(use: (child: InspectChild) => Promise<T>): Promise<T> => {
    let child: InspectChild | undefined;
    try {
      child = await take();
      return await use(child);
    } finally {
      giveBack(child);
    }
  };

  return {
    inspect: (source, name) => withChild((child) => child.inspect({ source, name })),
    verify: (request) => withChild((child) => child.verify(request)),
    close() {
      for (const { child, timer } of idle.splice(0)) {
        clearTimeout(timer);
        child.end();
      }
    },
  };
}
