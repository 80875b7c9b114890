/** @jsxImportSource hono/jsx */
import { pageResponse } from "./frame.tsx";
import type { Visit } from "./visit.ts";

/** A personal link that was opened inside another app, where nothing installs. */
export function invitationPage(visit: Visit, app: string): Response {
  const { words, device } = visit;
  return pageResponse(
    visit,
    { title: app },
    <>
      <h1>{app}</h1>
      <p class="act note bad">{words.openBrowser(device.inApp ?? "")}</p>
    </>,
  );
}
