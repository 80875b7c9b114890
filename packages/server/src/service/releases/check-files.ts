import type { ArtifactFacts, Principal } from "@distd/core";
import type { GateResultDocument } from "@distd/core/wire";
import { openApp } from "../apps.ts";
import type { Instance } from "../instance.ts";
import { askGate } from "./gate.ts";

export interface CheckFiles {
  readonly version?: string | undefined;
  readonly build?: string | number | undefined;
  readonly channel?: string | undefined;
  readonly artifacts: readonly { readonly name: string; readonly facts: Readonly<Record<string, unknown>> }[];
}

/** What the gate would say about files nobody has uploaded yet. Their facts come from the client, so this is advice and no more. */
export async function checkFiles(instance: Instance, principal: Principal, slug: string, input: CheckFiles): Promise<GateResultDocument[]> {
  const app = await openApp(instance.db.read, principal, "publish", slug);
  const subjects = input.artifacts.map(({ name, facts }) => ({ name, facts: completeFacts(facts) }));
  const [first] = subjects;
  const request = {
    version: input.version ?? first?.facts.version ?? "",
    build: String(input.build ?? ""),
    channel: input.channel,
    stage: "publish" as const,
    overrides: {},
  };
  return askGate(instance.db.read, instance, app, subjects, request);
}

/** Facts as far as the client sent them; what every record has is filled in, so that no check stumbles. */
function completeFacts(facts: Readonly<Record<string, unknown>>): ArtifactFacts {
  const empty = { format: "file", factsVersion: 0, platform: "any", architectures: ["any"], problems: [], details: {} };
  const signing = { state: "unsigned", schemes: [], certificates: [], ...(facts["signing"] as object | undefined) };
  return { ...empty, ...facts, signing } as ArtifactFacts;
}
