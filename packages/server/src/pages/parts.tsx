/** @jsxImportSource hono/jsx */
import { formatBytes } from "@distd/core";
import type { GateResultDocument } from "@distd/core/wire";
import { iconPath } from "../delivery/icon-path.ts";
import type { ArtifactView } from "../delivery/page-views.ts";
import type { AppRow } from "../service/apps.ts";
import type { ReleaseRow } from "../service/releases/releases.ts";
import { oldestSystem } from "./system-names.ts";
import { trustOf } from "./trust.ts";
import type { Visit } from "./visit.ts";

const MINUTE_MS = 60_000;
const UNITS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ["year", 365 * 1440 * MINUTE_MS],
  ["month", 30 * 1440 * MINUTE_MS],
  ["week", 7 * 1440 * MINUTE_MS],
  ["day", 1440 * MINUTE_MS],
  ["hour", 60 * MINUTE_MS],
  ["minute", MINUTE_MS],
];

/** Icon, name, and a line below. */
export function Head({
  visit,
  slug,
  name,
  icon,
  line,
}: {
  readonly visit: Visit;
  readonly slug: string;
  readonly name: string;
  readonly icon: string | undefined;
  readonly line: unknown;
}) {
  const [letter = ""] = Array.from(name);
  return (
    <header class="head">
      {icon === undefined ? (
        <span class="blank" aria-hidden="true">
          {letter.toLocaleUpperCase(visit.words.language)}
        </span>
      ) : (
        <img src={iconPath(slug, icon)} width="64" height="64" alt="" />
      )}
      <div>
        <h1>{name}</h1>
        <p class="muted">{line}</p>
      </div>
    </header>
  );
}

/** What the app says of itself. */
export function About({ app: { summary, website } }: { readonly app: Pick<AppRow, "summary" | "website"> }) {
  if (summary === null && website === null) return null;
  return (
    <p class="about">
      {summary}{" "}
      {website !== null && (
        <a href={website} rel="noreferrer nofollow">
          {new URL(website).host}
        </a>
      )}
    </p>
  );
}

/** `1.4.0 (412)`, never broken over lines. */
export function Version({ release: { version, build } }: { readonly release: Pick<ReleaseRow, "version" | "build"> }) {
  return <span class="mono nowrap">{build === "" ? version : `${version} (${build})`}</span>;
}

/** Relative, with the exact moment for whoever asks. */
export function Age({ visit: { words, now }, at }: { readonly visit: Visit; readonly at: string | null }) {
  if (at === null) return null;
  const elapsed = Math.max(0, now - Date.parse(at));
  const [unit, ms] = UNITS.find(([, size]) => elapsed >= size) ?? ["second", Number.POSITIVE_INFINITY];
  const text = new Intl.RelativeTimeFormat(words.language, { numeric: "auto" }).format(-Math.floor(elapsed / ms), unit);
  return (
    <time datetime={at} title={at.replace("T", " ").replace(/\.\d+Z$/, " UTC")}>
      {text}
    </time>
  );
}

/** What it needs and costs, and who signed it. */
export function Needs({ visit, view }: { readonly visit: Visit; readonly view: ArtifactView }) {
  const { row, facts } = view;
  const system = facts && oldestSystem(row.platform, facts);
  const texts = [system && visit.words.orNewer(system), row.size === null ? undefined : formatBytes(row.size)].filter(
    (text) => text !== undefined && text !== "",
  );
  const trust = facts && trustOf(facts, visit.words);
  return (
    <>
      {texts.length > 0 && <p class="muted">{texts.join(" · ")}</p>}
      {trust && <p class={`say muted ${trust.state}`}>{trust.text}</p>}
    </>
  );
}

/** A file one click away, with everything that is known of it. */
export function FileRow({ visit, view }: { readonly visit: Visit; readonly view: ArtifactView }) {
  const { words } = visit;
  const { row } = view;
  const kind = [words.platforms[row.platform], row.arch === "any" ? "" : row.arch, row.variant].filter((word) => word !== "").join(" · ");
  return (
    <li>
      <div>
        <p>{kind}</p>
        <p class="muted">{row.name}</p>
        <Needs visit={visit} view={view} />
        {row.variant.includes("musl") && <p class="muted">{words.libc}</p>}
      </div>
      {view.addresses.download !== undefined && (
        <a
          class="get"
          href={view.addresses.download}
          aria-label={row.link === null ? `${row.format.toUpperCase()}: ${row.name}` : words.open(row.name)}
        >
          {row.link === null ? row.format.toUpperCase() : row.name}
        </a>
      )}
    </li>
  );
}

/** Checks that somebody accepted, and why. */
export function Accepted({ visit: { words }, checks }: { readonly visit: Visit; readonly checks: readonly GateResultDocument[] }) {
  if (checks.length === 0) return null;
  return (
    <section>
      <h2>{words.accepted}</h2>
      <ul>
        {checks.map(({ artifact, message, override }) => (
          <li>
            {artifact}: {message}. <span class="muted">{override?.reason}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Who signed it, digest, dates: for whoever looks. */
export function Facts({ visit: { words }, view: { row, facts } }: { readonly visit: Visit; readonly view: ArtifactView }) {
  const signers = (facts?.signing.signatures ?? []).flatMap(({ signer, scheme }) => (signer ? [{ scheme, signer }] : []));
  return (
    <dl>
      {row.sha256 !== null && (
        <>
          <dt>{words.digest}</dt>
          <dd class="mono">{row.sha256}</dd>
        </>
      )}
      {signers.map(({ scheme, signer }) => (
        <>
          <dt>{words.signer}</dt>
          <dd>
            {signer.name} ({scheme})
          </dd>
          {signer.certificates[0] && (
            <>
              <dt>{words.certificate}</dt>
              <dd class="mono">{signer.certificates[0].sha256}</dd>
            </>
          )}
          {signer.validUntil !== undefined && (
            <>
              <dt>{words.validUntil}</dt>
              <dd>{signer.validUntil.slice(0, 10)}</dd>
            </>
          )}
        </>
      ))}
    </dl>
  );
}
