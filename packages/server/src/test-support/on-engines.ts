import { describe } from "node:test";
import { availableEngines } from "./engines.ts";
import { createTestInstance, type TestInstance } from "./test-instance.ts";

/** Runs a suite on every real engine; each test gets an instance with an empty database of its own. */
export function describeOnEngines(
  name: string,
  suite: (withInstance: (body: (instance: TestInstance) => Promise<void>) => () => Promise<void>) => void,
): void {
  for (const engine of availableEngines()) {
    describe(`${name} on ${engine.name}`, () => {
      suite((body) => async () => {
        const opened = await engine.open();
        try {
          await body(createTestInstance(opened.db));
        } finally {
          await opened.close();
        }
      });
    });
  }
}
