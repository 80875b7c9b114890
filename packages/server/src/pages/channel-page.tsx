/** @jsxImportSource hono/jsx */
import { type ArtifactFacts, formatBytes } from "@distd/core";
import type { GateResultDocument } from "@distd/core/wire";
import { signingLine } from "@distd/inspect/verify";
import type { LiveChannel } from "../delivery/resolve.ts";
import { type ArtifactRow, artifactPath } from "../service/releases/releases.ts";
import { htmlResponse } from "./html-response.ts";

const platformNames: Readonly<Record<string, string>> = {
  android: "Android",
  ios: "iOS",
  macos: "macOS",
  windows: "Windows",
  linux: "Linux",
  any: "Any system",
};

/** What is live on a channel, for people: complete without JavaScript. */
export function renderChannelPage(baseUrl: string, channel: string, { app, heads }: LiveChannel): Response {
  const releases = [...new Map(heads.map(({ release }) => [release.id, release])).values()];
  const versions = releases.map((release) => `${release.version}${release.build === "" ? "" : ` (${release.build})`}`).join(", ");
  const accepted = releases.flatMap((release) =>
    (JSON.parse(release.checks) as GateResultDocument[]).filter(({ override }) => override !== null),
  );
  const notes = releases.find((release) => release.notes !== "")?.notes;
  return htmlResponse(
    `${app.name} · ${channel}`,
    <main>
      <header>
        <h1>{app.name}</h1>
        <p class="muted">
          <span class="mono">{versions || "nothing live yet"}</span> · {channel}
        </p>
      </header>
      <ul class="files">
        {heads.flatMap(({ artifacts }) =>
          artifacts.map((row) => <Artifact row={row} address={row.link ?? `${baseUrl}/d/${artifactPath(app.slug, row)}`} />),
        )}
      </ul>
      {accepted.length > 0 && (
        <section>
          <h2>Accepted in spite of a check</h2>
          <ul class="plain">
            {accepted.map(({ artifact, message, override }) => (
              <li>
                {artifact}: {message}. <span class="muted">{override?.reason}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {notes && (
        <section>
          <h2>What's new</h2>
          <p class="notes">{notes}</p>
        </section>
      )}
    </main>,
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function Artifact({ row, address }: { row: ArtifactRow; address: string }) {
  const facts = row.facts === null ? undefined : (JSON.parse(row.facts) as ArtifactFacts);
  const platform = platformNames[row.platform] ?? row.platform;
  const needs =
    facts?.minOs === undefined
      ? ""
      : row.platform === "android"
        ? `API level ${facts.minOs} or newer`
        : `${platform} ${facts.minOs} or newer`;
  const signed = facts && signingLine(facts);
  const verb = row.link === null ? "Download" : "Open";
  return (
    <li>
      <div>
        <strong>{platform}</strong> {row.arch !== "any" && <span class="muted">{row.arch}</span>}{" "}
        {row.variant !== "" && <span class="muted">{row.variant}</span>}
        <p class="muted">
          {[row.name, row.size === null ? "" : formatBytes(row.size), needs].filter((text) => text !== "").join(" · ")}
          {row.sha256 !== null && (
            <>
              {" · "}
              <span class="mono" title={`sha256:${row.sha256}`}>
                {row.sha256.slice(0, 12)}
              </span>
            </>
          )}
        </p>
        {signed !== undefined && <p class="muted">{sentence(signed)}</p>}
        {row.platform === "ios" && row.link === null && (
          <p class="muted">
            This file does not install on an iPhone by itself. Ask for the TestFlight link or use your company's device management.
          </p>
        )}
      </div>
      <a class="action" href={address}>
        {verb} {row.link === null ? row.format.toUpperCase() : row.name}
      </a>
    </li>
  );
}
