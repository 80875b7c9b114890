import type { ArtifactFacts, Role } from "@distd/core";

export const SEVERITIES = ["error", "warning", "off"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Facts of one artifact, and the name people know it by. */
export interface GateSubject {
  readonly name: string;
  readonly facts: ArtifactFacts;
  /** What it is in its release; `install` when absent. */
  readonly role?: Role;
  /** Feeds that carry its format and not it, and why; absent where nobody asked them. */
  readonly leftOut?: readonly { readonly feed: string; readonly reason: string }[];
}

/** What a release is held against. */
export interface GateContext {
  /** As the release states them; `build` may be empty. */
  readonly version: string;
  readonly build: string;
  /** The channel it is meant for; undefined when none was named. */
  readonly channel: string | undefined;
  readonly rules: IdentityRules;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What every artifact of an app must be. Absent means anything. */
export interface IdentityRules {
  /** Bundle ids and package names. */
  readonly identifiers?: readonly string[] | undefined;
  /** SHA-256 of the signers' certificates. With any of these four lists, whatever systems look at the signature of has to be signed by one whom they name. */
  readonly signers?: readonly string[] | undefined;
  /** Subjects of the signers' certificates, as facts write them, where somebody trusted stands for them: certificates are renewed every year or so. */
  readonly subjects?: readonly string[] | undefined;
  /** Apple's team identifiers, where somebody trusted stands for them. */
  readonly teams?: readonly string[] | undefined;
  /**
   * Keys without certificates, as their families write them (OpenPGP armour, minisign's line, Sparkle's base64), or their ids. With this list, archives
   * and programs that no system looks at the signature of have to carry one too.
   */
  readonly keys?: readonly string[] | undefined;
  /** Certificates in PEM that stand for signers named by subject or team, beside Apple's pinned roots. Nobody is named by this list alone. */
  readonly authorities?: readonly string[] | undefined;
  /** SHA-256 of certificates that count no more: of signers, or of who stands for them. */
  readonly revoked?: readonly string[] | undefined;
  readonly platforms?: readonly string[] | undefined;
}

/** Something a check found: a sentence, and both sides where there are two. */
export interface Finding {
  readonly message: string;
  readonly live?: string | undefined;
  readonly offered?: string | undefined;
}

/**
 * One check. `find` MUST depend on its arguments alone and MUST NOT throw. `live` is the artifact this one would replace on the channel;
 * undefined when there is none, and then nothing can be said about continuity.
 */
export interface Check {
  /** `gate/reason`, stable. */
  readonly id: string;
  readonly title: string;
  readonly fix: string;
  /** No policy changes its severity; only an override lets it pass, for one release. */
  readonly isFixed?: true;
  severity(context: GateContext): Severity;
  /** `order` checks are left out at promotion: promoting an older release is how people go back. */
  readonly about: "identity" | "order" | "change" | "quality";
  find(subject: GateSubject, live: GateSubject | undefined, context: GateContext): Finding | undefined;
}

/** A finding with everything people and programs need to act on it. */
export interface GateResult extends Finding {
  readonly check: string;
  readonly severity: "error" | "warning";
  readonly artifact: string;
  readonly fix: string;
  /** Who accepted it for this release, and why. */
  readonly override: { readonly by: string; readonly reason: string } | null;
}
