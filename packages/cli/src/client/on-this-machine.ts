import { foldersOf, type Hub, type Machine, thisHost } from "@distd/client";
import { DistError, formatBytes } from "@distd/core";
import type { Invocation, Option } from "../command.ts";
import { findConnection, readCredentials } from "../credentials.ts";
import { parseDuration } from "../output/amounts.ts";
import type { Output } from "../output/output.ts";

export const CLIENT_OPTIONS: Readonly<Record<string, Option>> = {
  wait: { type: "string", value: "TIME", summary: "how long to wait for another dist that is at work, such as 30s; 2m when absent" },
  prefix: { type: "string", value: "DIR", summary: "one folder for everything instead of the user's own" },
};

const STEP_BYTES = 8 * 1024 * 1024;

export function thisMachine({ env, option }: Invocation): Machine {
  const wait = option("wait");
  const seconds = wait === undefined ? undefined : parseDuration(wait);
  if (wait !== undefined && seconds === undefined)
    throw new DistError("usage/invalid", `--wait is '${wait}', not a time such as 30s or 2m`);
  const patience = seconds === undefined ? {} : { patienceMs: seconds * 1000 };
  return { folders: foldersOf(env, option("prefix")), host: thisHost(), now: () => new Date(), ...patience };
}

/** The server that is named, or was signed in to. */
export function findHub({ env, option }: Invocation): Hub {
  const { server, token } = findConnection({ server: option("server"), token: option("token") }, env);
  return { url: server.replace(/\/+$/, ""), token };
}

/** The server an app came from, and the token for it: one that was given for another server stays away from it. */
export function hubAt(invocation: Invocation, url: string): Hub {
  const { tokens } = readCredentials(invocation.env);
  const isNamed = (invocation.option("server") ?? invocation.env["DIST_SERVER"] ?? "").replace(/\/+$/, "") === url;
  return isNamed ? findHub(invocation) : { url, token: tokens[new URL(url).origin] };
}

/** `notes@beta`; stable where no channel is named. */
export function parseReference(text: string): { readonly app: string; readonly channel: string } {
  const [app = "", channel = "stable", ...rest] = text.split("@");
  if (app === "" || channel === "" || rest.length > 0)
    throw new DistError("usage/invalid", `'${text}' is not APP@CHANNEL`, { hint: "such as notes@stable" });
  return { app, channel };
}

/** A line that is redrawn, where somebody looks. */
export function downloadProgress(output: Output): { readonly progress?: (bytes: number) => void } {
  if (!output.isInteractive) return {};
  let told = 0;
  return {
    progress(bytes) {
      if (bytes - told < STEP_BYTES) return;
      told = bytes;
      output.draw(`\r\u001b[Kdownloaded ${formatBytes(bytes)}`);
    },
  };
}
