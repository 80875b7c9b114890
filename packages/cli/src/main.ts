import { asDistError } from "@distd/core";
import { run } from "./run.ts";

process.exitCode = await run(process.argv.slice(2), { env: process.env, stdout: process.stdout, stderr: process.stderr }).catch(
  (thrown: unknown) => {
    const error = asDistError(thrown);
    process.stderr.write(`error: ${error.message}\nhint: ${error.hint}\ncode: ${error.code}\n`);
    return error.entry.exit;
  },
);
