/**
 * Fetches the clients that the tests run and the machine does not have, into build/clients. Needs npm, pip, and for Debian's a machine with
 * apt-get. Run again, it fetches what is missing. Arguments choose clients by name.
 */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folderOf, isComplete, type Pin, PINS } from "./pins.ts";
import { unpackDebian } from "./unpack-debian.ts";

const chosen = process.argv.slice(2);
let failed = 0;
for (const pin of Object.values<Pin>(PINS)) {
  if (chosen.length > 0 && !chosen.includes(pin.name)) continue;
  if (!isComplete(pin)) {
    try {
      install(pin);
    } catch (error) {
      failed += 1;
      console.error(`FAILED  ${pin.name} ${pin.version}: ${error instanceof Error ? error.message : String(error)}`);
      continue;
    }
  }
  console.log(`ok  ${pin.name} ${pin.version}`);
}
process.exitCode = failed === 0 ? 0 : 1;

function install(pin: Pin): void {
  const folder = folderOf(pin);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (pin.from === "npm") run(["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", ...pin.packages]);
  else if (pin.from === "pip") run(["python3", "-m", "pip", "install", "--quiet", "--target", folder, ...pin.packages]);
  else {
    for (const name of ["bin", "sbin", "lib", "lib64"]) {
      mkdirSync(join(folder, "usr", name), { recursive: true });
      symlinkSync(`usr/${name}`, join(folder, name));
    }
    unpackDebian(folder, pin.version, pin.packages, run);
  }
  writeFileSync(join(folder, ".complete"), "");
}

function run(command: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const ran = Bun.spawnSync([...command], { env: { ...process.env, ...env }, stdout: "pipe", stderr: "pipe" });
  if (ran.exitCode !== 0) throw new Error(`${command.join(" ")}\n${ran.stdout.toString()}${ran.stderr.toString()}`);
  return ran.stdout.toString();
}
