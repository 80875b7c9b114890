import { ANONYMOUS, DistError, type Principal } from "@distd/core";
import type { Capabilities, Capability } from "../auth/capability.ts";
import { findLink, testerOf } from "../auth/tester-link.ts";
import { fileResponse } from "../delivery/file-response.ts";
import type { Files } from "../delivery/files.ts";
import { readIcon, viewArtifact } from "../delivery/page-views.ts";
import type { SmallBlobs } from "../delivery/small-blobs.ts";
import { createVisitor } from "../delivery/visitor.ts";
import { countInstall } from "../service/testers/count-install.ts";
import { TESTER_COOKIE } from "../cookies.ts";
import type { Handler, HttpContext } from "./mount.ts";
import { iconResponse, manifestResponse } from "./ota-responses.ts";
import { readOnly } from "./read-only.ts";
import { createWrongLinks } from "./wrong-links.ts";

export interface TesterDelivery {
  readonly files: Files;
  readonly small: SmallBlobs;
  readonly capabilities: Capabilities;
}

const INVITATION = "/i/:secret";
const CAPABLE = "/g/:capability/:name";

/** Personal links, and what they carry to installers. Logs and counts know the patterns above, never what stands in them. */
export function testerRoutes(context: HttpContext, delivery: TesterDelivery): Record<string, Handler> {
  const { instance } = context;
  const wrong = createWrongLinks(instance.now);

  const open: Handler = async (request) => {
    const link = await findLink(instance.db.read, { secret: request.params["secret"] ?? "" });
    if (!link) throw wrong.next();
    testerOf(link, instance.now());
    const { readVisit, invitationPage, rememberChoice } = await import("../pages/index.ts");
    const chosen = rememberChoice(request);
    if (chosen) return chosen;
    const visit = readVisit(request, instance.baseUrl, instance.now());
    // Its menu opens this very address in a browser that installs.
    if (visit.device.inApp !== undefined) return invitationPage(visit, link.app.name);
    const seconds = Math.floor((link.expiresAt - instance.now()) / 1000);
    const isSecure = instance.baseUrl.startsWith("https://") ? "; Secure" : "";
    return new Response(null, {
      status: 303,
      headers: {
        location: `/a/${link.app.slug}/${link.channel}`,
        "set-cookie": `${TESTER_COOKIE}=${request.params["secret"]}; Path=/a/${link.app.slug}; Max-Age=${seconds}; SameSite=Lax; HttpOnly${isSecure}`,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
      },
    });
  };

  const deliver: Handler = async (request) => {
    const capability = delivery.capabilities.parse(request.params["capability"] ?? "", instance.now());
    if (capability === undefined) throw wrong.next();
    if (capability === "ended") throw new DistError("link/ended", "this address has ended: open the page again");
    const { principal, tester } = await whoHas(capability);
    const { kind, app, artifact } = capability;
    if (kind === "manifest") {
      const visitor = createVisitor(instance, delivery.capabilities, principal, true);
      return manifestResponse(instance, delivery.files, delivery.capabilities, visitor, app, artifact);
    }
    if (kind === "icon") {
      const { icon } = await viewArtifact(instance, delivery.files, principal, app, artifact);
      return iconResponse(icon && (await readIcon(instance, principal, app, icon)));
    }
    const file = await delivery.files.find(principal, app, artifact, kind);
    const response = await fileResponse(request, file, instance.blobs, delivery.small);
    response.headers.set("referrer-policy", "no-referrer");
    response.headers.set("cache-control", "private, no-store");
    if (tester !== undefined && request.method === "GET" && hasLastByte(response, file.size))
      await countInstall(instance, { tester: tester.id, app: tester.app, artifact });
    return response;
  };

  async function whoHas({ bearer }: Capability): Promise<{ principal: Principal; tester?: { readonly id: string; readonly app: string } }> {
    if (bearer === "") return { principal: ANONYMOUS };
    const link = await findLink(instance.db.read, { id: bearer });
    if (link) return { principal: testerOf(link, instance.now()), tester: { id: link.tester, app: link.app.id } };
    const member = await context.authenticator.findById(bearer);
    if (!member) throw new DistError("link/ended", "whoever this address was given to has no access any more");
    return { principal: member };
  }

  return { [INVITATION]: readOnly(context, INVITATION, open), [CAPABLE]: readOnly(context, CAPABLE, deliver) };
}

/** Of a file of so many bytes. */
function hasLastByte({ status, headers }: Response, size: number): boolean {
  return status === 200 || (status === 206 && headers.get("content-range")?.includes(`-${size - 1}/`) === true);
}
