/** @jsxImportSource hono/jsx */
import type { AppView } from "../delivery/page-views.ts";
import { iconPath } from "../delivery/icon-path.ts";
import { pageResponse } from "./frame.tsx";
import { About, Age, Head, Version } from "./parts.tsx";
import type { Visit } from "./visit.ts";

/** An app's channels, and its releases. */
export function appPage(visit: Visit, { app, icon, channels, releases }: AppView): Response {
  const { words } = visit;
  const options = {
    title: app.name,
    ...(app.summary !== null && { description: app.summary }),
    image: icon && iconPath(app.slug, icon),
    isListed: app.access === "public",
  };
  return pageResponse(
    visit,
    options,
    <>
      <Head visit={visit} slug={app.slug} name={app.name} icon={icon} line={<span class="mono">{app.slug}</span>} />
      <About app={app} />
      <h2>{words.channels}</h2>
      <ul class="rows">
        {channels.map(({ name, releases: live }) => (
          <li>
            <a class="get" href={`/a/${app.slug}/${name}`}>
              {name}
            </a>
            <span class="muted">
              {live.map((release, index) => (
                <>
                  {index > 0 && ", "}
                  <Version release={release} />
                </>
              ))}
            </span>
          </li>
        ))}
      </ul>
      {releases.length > 0 && (
        <>
          <h2>{words.allReleases}</h2>
          <ul class="rows">
            {releases.map((release) => (
              <li>
                <a class="get" href={`/a/${app.slug}/releases/${encodeURIComponent(release.version)}`}>
                  <Version release={release} />
                </a>
                <span class="muted">
                  {release.status === "yanked" && `${words.withdrawn} · `}
                  <Age visit={visit} at={release.published_at} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>,
  );
}
