/** @jsxImportSource hono/jsx */
import { isOpen, isPublic } from "@distd/core";
import type { ChannelView } from "../delivery/page-views.ts";
import { Action } from "./action.tsx";
import { chooseActions } from "./actions.ts";
import { commandLines } from "./command-lines.ts";
import { type Device, UNKNOWN_DEVICE } from "./device/device.ts";
import { iconPath } from "../delivery/icon-path.ts";
import { pageResponse } from "./frame.tsx";
import { renderNotes } from "./notes.ts";
import { About, Accepted, Age, Facts, FileRow, Head, Version } from "./parts.tsx";
import { QrCode } from "./qr-code.tsx";
import type { Visit } from "./visit.ts";

/** Letters of the notes that are shown at once. */
const SHOWN_NOTES = 1200;
/** What a Mac's Safari may be. */
const IPAD: Device = { ...UNKNOWN_DEVICE, platform: "ios", arch: "arm64", form: "tablet" };

/** What is live on a channel, for people: the right action for this device first. Complete without JavaScript. */
export function channelPage(visit: Visit, view: ChannelView): Response {
  const { words, device, baseUrl, path } = visit;
  const { app, channel, releases, artifacts, icon, older, accepted } = view;
  const [newest] = releases;
  const { first, others, files } = chooseActions(artifacts, device);
  const tablet = device.mayBeTablet ? chooseActions(artifacts, IPAD).first : [];
  const title = newest === undefined ? `${app.name} · ${channel}` : `${app.name} ${newest.version} · ${channel}`;
  const feeds = { baseUrl, slug: app.slug, channel, isPublic: isPublic(app) };
  const lines = view.hasFeeds ? commandLines(first[0] ?? others[0], artifacts, feeds) : [];
  const notes = newest && newest.notes !== "" ? renderNotes(newest.notes, SHOWN_NOTES) : undefined;
  const releasePath = (version: string): string => `/a/${app.slug}/releases/${encodeURIComponent(version)}`;
  const options = {
    title,
    description: app.summary ?? words.platformList(artifacts.map(({ row }) => row.platform)),
    image: icon && iconPath(app.slug, icon),
    isListed: app.access === "public",
  };
  return pageResponse(
    visit,
    options,
    <>
      <Head
        visit={visit}
        slug={app.slug}
        name={app.name}
        icon={icon}
        line={
          <>
            {newest && (
              <>
                <Version release={newest} /> ·{" "}
              </>
            )}
            {channel}
            {newest && (
              <>
                {" · "}
                <Age visit={visit} at={newest.published_at} />
              </>
            )}
          </>
        }
      />
      <About app={app} />
      {newest === undefined && <p class="act">{words.nothingLive}</p>}
      {tablet.length > 0 && (
        <div class="tablet">
          <Action visit={{ ...visit, device: IPAD }} app={app} first={tablet} />
        </div>
      )}
      <div class={tablet.length > 0 ? "desktop" : undefined}>
        <Action visit={visit} app={app} first={first} />
      </div>
      {newest && notes && (
        <section>
          <h2>{words.whatsNew}</h2>
          {/* oxlint-disable-next-line react/no-danger -- Markdown without anybody's HTML: notes.ts */}
          <div class="notes" dangerouslySetInnerHTML={{ __html: notes.html }} />
          {notes.isCut && (
            <p>
              <a href={releasePath(newest.version)}>{words.details}</a>
            </p>
          )}
        </section>
      )}
      <Accepted visit={visit} checks={accepted} />
      <div class="more">
        {others.length > 0 && (
          <details open={first.length === 0}>
            <summary>{first.length === 0 ? words.otherFiles : words.otherDevices}</summary>
            <ul class="rows">
              {others.map((one) => (
                <FileRow visit={visit} view={one} />
              ))}
            </ul>
          </details>
        )}
        {files.length > 0 && (
          <details>
            <summary>{words.otherFiles}</summary>
            <ul class="rows">
              {files.map((one) => (
                <FileRow visit={visit} view={one} />
              ))}
            </ul>
          </details>
        )}
        {first.length > 0 && (
          <details>
            <summary>{words.trust}</summary>
            {first.map((one) => (
              <Facts visit={visit} view={one} />
            ))}
          </details>
        )}
        {lines.length > 0 && (
          <details>
            <summary>{words.onTheCommandLine}</summary>
            <div>
              {lines.map(({ tool, text }) => (
                <>
                  <p class="muted">{tool}</p>
                  <pre>{text}</pre>
                </>
              ))}
            </div>
          </details>
        )}
        {older.length > 0 && (
          <details>
            <summary>{words.olderReleases}</summary>
            <ul class="rows">
              {older.map((release) => (
                <li>
                  <a href={releasePath(release.version)}>
                    <Version release={release} />
                  </a>
                  <span class="muted">
                    <Age visit={visit} at={release.published_at} />
                  </span>
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
      {isOpen(app.access) && (
        <div class="scan">
          <QrCode text={`${baseUrl}${path}`} label={words.scan} />
          <p class="muted">{words.scan}</p>
        </div>
      )}
    </>,
  );
}
