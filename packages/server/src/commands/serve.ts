import { readServeConfig } from "../config.ts";
import { serve } from "../serve.ts";

/** Runs the server in the foreground until a signal ends it. */
export async function runServe(flags: Readonly<Record<string, string | boolean | undefined>>): Promise<number> {
  const served = await serve(readServeConfig(flags, process.env));
  // Whoever reads the line below may send a signal at once.
  const signal = new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
  process.stdout.write(`distd listening on ${served.url}\n`);
  await signal;
  await served.stop();
  return 0;
}
