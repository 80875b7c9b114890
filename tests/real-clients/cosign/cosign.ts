import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClientRan, FETCH_CLIENTS, type Home, inHome } from "../client.ts";
import { type PinName, PINS, programOf } from "../clients/pins.ts";
import type { ImagePlace } from "../image-client.ts";

/** A version of cosign that is told where to keep signatures. */
export interface Cosign {
  readonly name: string;
  readonly keepsAs: Keeps["as"];
  readonly missing: string | undefined;
  /** In a home nobody has used, signed in where there is a token. Key pairs are asked for by name. */
  settle<T>(place: ImagePlace, body: (cosign: SettledCosign) => Promise<T>): Promise<T>;
}

export interface SettledCosign {
  /** Makes a pair; returns its public key's file. */
  makeKey(key: string): Promise<string>;
  sign(name: string, key: string): Promise<void>;
  verify(name: string, publicKey: string): Promise<ClientRan>;
  /** Says something about an image, in a statement that is signed. */
  attest(name: string, key: string, statement: string): Promise<void>;
  verifyAttestation(name: string, publicKey: string): Promise<ClientRan>;
  run(...args: readonly string[]): Promise<ClientRan>;
}

/** Where signatures are kept. */
export interface Keeps {
  readonly as: "tags" | "referrers" | "bundles";
  readonly env?: Readonly<Record<string, string>>;
  readonly sign?: readonly string[];
  readonly verify?: readonly string[];
  readonly attest?: readonly string[];
}

/** No log is told: there is none here. */
const SIGN = ["--yes", "--allow-http-registry", "--tlog-upload=false"];
const VERIFY = ["--allow-http-registry", "--insecure-ignore-tlog=true"];

export function cosignThatKeeps(pin: PinName, keeps: Keeps): Cosign {
  const program = programOf(pin);
  return {
    name: `${pin} of ${PINS[pin].version}, signatures as ${keeps.as}`,
    keepsAs: keeps.as,
    missing: program === undefined ? FETCH_CLIENTS : undefined,
    settle: (place, body) => inHome(async (home) => body(await settle(home, place, program ?? "cosign", keeps))),
  };
}

async function settle(home: Home, { host, token }: ImagePlace, program: string, keeps: Keeps): Promise<SettledCosign> {
  const run = (...args: readonly string[]): Promise<ClientRan> =>
    home.run([program, ...args], { env: { COSIGN_PASSWORD: "", ...keeps.env } });
  if (token !== undefined) await run("login", "--username", "any", "--password", token, host);
  const keyFile = (key: string, kind: "key" | "pub"): string => join(home.folder, `${key}.${kind}`);
  const sign = (key: string): readonly string[] => [...SIGN, "--key", keyFile(key, "key")];
  const verify = (publicKey: string): readonly string[] => [...VERIFY, "--key", publicKey];
  return {
    run,
    async makeKey(key) {
      await run("generate-key-pair", "--output-key-prefix", key);
      return keyFile(key, "pub");
    },
    sign: async (name, key) => void (await run("sign", ...sign(key), ...(keeps.sign ?? []), name)),
    verify: (name, publicKey) => run("verify", ...verify(publicKey), ...(keeps.verify ?? []), name),
    async attest(name, key, statement) {
      const file = join(home.folder, "statement");
      writeFileSync(file, statement);
      await run("attest", ...sign(key), ...(keeps.attest ?? []), "--predicate", file, "--type", "custom", name);
    },
    verifyAttestation: (name, publicKey) => run("verify-attestation", ...verify(publicKey), "--type", "custom", name),
  };
}
