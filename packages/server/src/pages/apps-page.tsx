/** @jsxImportSource hono/jsx */
import type { AppRow } from "../service/apps.ts";
import { pageResponse } from "./frame.tsx";
import type { Visit } from "./visit.ts";

/** Apps the visitor may see. */
export function appsPage(visit: Visit, apps: readonly AppRow[]): Response {
  const { words } = visit;
  return pageResponse(
    visit,
    { title: words.apps, isListed: true },
    <>
      <h1>{words.apps}</h1>
      {apps.length === 0 && <p class="act muted">{words.noApps}</p>}
      <ul class="rows act">
        {apps.map(({ slug, name }) => (
          <li>
            <a class="get" href={`/a/${slug}`}>
              {name}
            </a>
            <span class="muted mono">{slug}</span>
          </li>
        ))}
      </ul>
    </>,
  );
}
