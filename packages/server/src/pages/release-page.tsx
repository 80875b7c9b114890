/** @jsxImportSource hono/jsx */
import type { ReleaseView } from "../delivery/page-views.ts";
import { Action } from "./action.tsx";
import { chooseActions } from "./actions.ts";
import { iconPath } from "../delivery/icon-path.ts";
import { pageResponse } from "./frame.tsx";
import { renderNotes } from "./notes.ts";
import { About, Accepted, Age, Facts, FileRow, Head, Version } from "./parts.tsx";
import { QrCode } from "./qr-code.tsx";
import type { Visit } from "./visit.ts";

/** One release in full: notes, every file with its digest and signer, what was accepted; a sheet to print. */
export function releasePage(visit: Visit, { app, release, artifacts, icon, checks, replacement }: ReleaseView): Response {
  const { words, device, baseUrl, path } = visit;
  const isStopped = release.status === "quarantined";
  const shown = isStopped ? [] : artifacts;
  const { first, others, files } = chooseActions(shown, device);
  const withdrawn = release.status === "yanked" ? words.errors.gone : isStopped ? words.errors.quarantined : undefined;
  return pageResponse(
    visit,
    {
      title: `${app.name} ${release.version}`,
      image: icon && iconPath(app.slug, icon),
      isListed: app.access === "public" && withdrawn === undefined,
      status: isStopped ? 410 : 200,
    },
    <>
      <Head
        visit={visit}
        slug={app.slug}
        name={app.name}
        icon={icon}
        line={
          <>
            <Version release={release} /> · <Age visit={visit} at={release.published_at} />
          </>
        }
      />
      <About app={app} />
      {withdrawn && (
        <div class="act">
          <p class="note bad">
            <strong>{withdrawn.title}.</strong> {withdrawn.text} {release.withdrawal_reason ?? ""}
          </p>
          {replacement && (
            <p>
              {words.replacement}: <a href={`/a/${app.slug}/releases/${encodeURIComponent(replacement.version)}`}>{replacement.version}</a>
            </p>
          )}
        </div>
      )}
      <Action visit={visit} app={app} first={first} />
      {release.notes !== "" && (
        <section>
          <h2>{words.whatsNew}</h2>
          {/* oxlint-disable-next-line react/no-danger -- Markdown without anybody's HTML: notes.ts */}
          <div class="notes" dangerouslySetInnerHTML={{ __html: renderNotes(release.notes).html }} />
        </section>
      )}
      <Accepted visit={visit} checks={checks.filter(({ override }) => override !== null)} />
      <div class="more">
        {[...first, ...others, ...files].map((one) => (
          <details>
            <summary>{one.row.name}</summary>
            <div>
              <ul class="rows">
                <FileRow visit={visit} view={one} />
              </ul>
              <Facts visit={visit} view={one} />
            </div>
          </details>
        ))}
        <details>
          <summary>{words.checks}</summary>
          <ul>
            {checks.length === 0 && <li>{words.noFindings}</li>}
            {checks.map(({ artifact, message, check }) => (
              <li>
                {artifact}: {message} <span class="muted mono">{check}</span>
              </li>
            ))}
          </ul>
        </details>
      </div>
      <div class="scan">
        <QrCode text={`${baseUrl}${path}`} label={words.scan} />
        <p class="muted">{words.scan}</p>
      </div>
      <p class="more">
        <a href={`/a/${app.slug}`}>{words.allReleases}</a>
      </p>
    </>,
  );
}
