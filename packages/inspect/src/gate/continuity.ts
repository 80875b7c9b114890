import { type ApiLevels, type GateSigner, renderSigners } from "./signers.ts";

/** Both sides, where a system would take the offered one for somebody else's. */
export interface Break {
  readonly live: string;
  readonly offered: string;
  /** Android's API levels it holds for: `28 and newer`. */
  readonly levels?: string;
}

/** Whether those who have what is live can take what is offered as an update; undefined when they can, or when nobody signed what is live. */
export function findBreak(live: readonly GateSigner[], offered: readonly GateSigner[]): Break | undefined {
  if (live.length === 0) return undefined;
  if (offered.length === 0) return { live: renderSigners(live), offered: renderSigners(offered) };
  if ([...live, ...offered].some(({ levels }) => levels !== undefined)) return findAndroidBreak(live, offered);
  if (offered.some((signer) => live.some((before) => continues(signer, before)))) return undefined;
  return { live: renderSigners(live), offered: renderSigners(offered) };
}

/**
 * The same certificate or key; or another certificate of the same owner, which is what renewal makes: the same team or subject, said by an
 * authority that said it before, or that is trusted on both sides. A subject alone proves nothing: anybody can write it.
 */
function continues(offered: GateSigner, live: GateSigner): boolean {
  if (offered.key !== undefined && offered.key === live.key) return true;
  if (!offered.certificate || !live.certificate) return false;
  const digest = live.certificate.sha256;
  if (offered.certificate.sha256 === digest || offered.lineage.some(({ sha256 }) => sha256 === digest)) return true;
  const sameOwner =
    offered.team !== undefined || live.team !== undefined
      ? offered.team === live.team
      : offered.certificate.subject === live.certificate.subject;
  const sameAuthority = offered.authorities.some((authority) => live.authorities.includes(authority));
  return sameOwner && (sameAuthority || (offered.trusted && live.trusted));
}

/** Phones compare at their own API level, and look at one signature only (source.android.com, "APK Signature Scheme v3"). */
function findAndroidBreak(live: readonly GateSigner[], offered: readonly GateSigner[]): Break | undefined {
  for (const levels of steps([...live, ...offered])) {
    const [before, now] = [seenAt(live, levels.from), seenAt(offered, levels.from)];
    if (before.length === 0 || now.length === 0 || phoneTakes(before, now)) continue;
    return { live: renderSigners(before), offered: renderSigners(now), levels: renderLevels(levels) };
  }
  return undefined;
}

/** All certificates the same; or one that a proof of rotation ties to the other, with the right that it takes. */
function phoneTakes(live: readonly GateSigner[], offered: readonly GateSigner[]): boolean {
  const [before, now] = [digests(live), digests(offered)];
  if (before.length === now.length && before.every((digest) => now.includes(digest))) return true;
  const grants = (signers: readonly GateSigner[], digest: string | undefined, right: string): boolean =>
    signers.some(({ lineage }) => lineage.some(({ sha256, capabilities }) => sha256 === digest && capabilities.includes(right)));
  return before.length === 1 && now.length === 1 && (grants(offered, before[0], "installed-data") || grants(live, now[0], "rollback"));
}

function digests(signers: readonly GateSigner[]): readonly string[] {
  return [...new Set(signers.flatMap(({ certificate }) => certificate?.sha256 ?? []))];
}

/** Signers of facts that were not verified count at every level. */
function seenAt(signers: readonly GateSigner[], level: number): readonly GateSigner[] {
  return signers.filter(({ levels }) => !levels || levels.some(({ from, to }) => from <= level && level <= to));
}

/** Ranges within which no side changes who is seen. */
function steps(signers: readonly GateSigner[]): readonly ApiLevels[] {
  const ranges = signers.flatMap(({ levels = [] }) => levels);
  const starts = [...new Set(ranges.flatMap(({ from, to }) => [from, to + 1]))].filter(Number.isFinite).toSorted((a, b) => a - b);
  return starts.map((from, index) => ({ from, to: (starts[index + 1] ?? Infinity) - 1 }));
}

function renderLevels({ from, to }: ApiLevels): string {
  if (to === Infinity) return `${from} and newer`;
  return from === to ? `${from}` : `${from} to ${to}`;
}
