import type { DistError } from "@distd/core";
import { backoff, pause } from "./api.ts";

const ATTEMPTS = 4;
/** What may be over in a moment. */
const PASSING: readonly string[] = ["network/unreachable", "server/unavailable", "server/failed"];

/** Does something that only reads, several times if need be. `attempt` MUST throw nothing but DistErrors. */
export async function withRetries<T>(attempt: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!PASSING.includes((thrown as DistError).code) || count === ATTEMPTS) throw thrown;
      await pause(backoff(count));
    }
  }
}
