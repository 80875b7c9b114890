import type { ArtifactFacts } from "@distd/core";
import type { ArtifactRow } from "../service/releases/releases.ts";

/** How an iOS build reaches devices. These never blur: the profile in the bytes says it, and what is stated has to agree. */
export type IosWay =
  | { readonly kind: "testflight" }
  | {
      readonly kind: "enterprise" | "ad-hoc";
      /** ISO 8601 UTC. */
      readonly expiresAt: string | undefined;
      readonly isExpired: boolean;
      /** UDIDs; undefined for every device. */
      readonly devices: readonly string[] | undefined;
      readonly team: string | undefined;
    }
  /** A file that no iPhone installs by itself. */
  | { readonly kind: "file" };

interface Provisioning {
  readonly type?: string;
  readonly expiresAt?: string;
  readonly devices?: readonly string[];
  readonly teamName?: string;
}

export function iosWay(row: Pick<ArtifactRow, "link" | "install">, facts: ArtifactFacts | undefined, now: number): IosWay {
  const stated = row.install === null ? undefined : (JSON.parse(row.install) as { readonly mode?: string }).mode;
  if (row.link !== null) return stated === "testflight" ? { kind: "testflight" } : { kind: "file" };
  const profile = facts?.details["provisioning"] as Provisioning | undefined;
  const proved = profile?.type === "development" ? "ad-hoc" : profile?.type;
  if (profile === undefined || (stated ?? proved) !== proved || (proved !== "enterprise" && proved !== "ad-hoc")) return { kind: "file" };
  const { expiresAt, devices, teamName } = profile;
  return { kind: proved, expiresAt, isExpired: expiresAt !== undefined && Date.parse(expiresAt) < now, devices, team: teamName };
}
