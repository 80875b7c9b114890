/** @jsxImportSource hono/jsx */
import type { ArtifactView } from "../delivery/page-views.ts";
import type { AppRow } from "../service/apps.ts";
import { isArtifactOnly } from "../service/releases/releases.ts";
import { iosSteps } from "./ios-steps.ts";
import { Needs } from "./parts.tsx";
import { plainSteps } from "./steps.ts";
import type { Visit } from "./visit.ts";

/** Letters of a UDID that are shown: enough to know one's own by, of no use to others. */
const SHOWN_UDID = 6;

export interface ActionProps {
  readonly visit: Visit;
  readonly app: AppRow;
  readonly first: readonly ArtifactView[];
}

/** The right thing to press for a device, and what to know before. */
export function Action({ visit, app, first }: ActionProps) {
  const [view] = first;
  if (view === undefined) return null;
  const { words, device } = visit;
  const { buttons, notes, devices } = view.row.platform === "ios" ? iosSteps(visit, view) : plainSteps(first, words, device);
  return (
    <section class="act">
      {device.inApp !== undefined && <p class="note bad">{words.openBrowser(device.inApp)}</p>}
      {buttons.map(({ text, href }, index) => (
        <a class={index === 0 ? "button" : "button second"} href={href}>
          {text}
        </a>
      ))}
      {buttons.length === 0 && (
        <p class="note">
          {isArtifactOnly(view.row) ? words.ipaForKnown : words.forInvited} {app.contact !== null && words.ask(app.contact)}{" "}
          {!visit.isSignedIn && <a href={`/sign-in?to=${encodeURIComponent(visit.path)}`}>{words.signIn.haveToken}</a>}
        </p>
      )}
      <Needs visit={visit} view={view} />
      {(buttons.length > 0 || view.row.platform === "ios") && notes.map((text) => <p class="note">{text}</p>)}
      {devices && devices.length > 0 && (
        <details>
          <summary>{words.ota.devices}</summary>
          <ul class="mono">
            {devices.map((udid) => (
              <li>…{udid.slice(-SHOWN_UDID)}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
