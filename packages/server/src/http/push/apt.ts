import { parseChannelName } from "@distd/core";
import { pushPackage } from "../../service/push/push-package.ts";
import { spool } from "../../service/uploads/spool.ts";
import type { PushContext } from "./push-context.ts";

/** `curl -T notes.deb BASE/apt/main/upload/`, or `…/upload/CHANNEL/` to promote as well. */
export async function pushApt({ request, path, instance, caller, repository }: PushContext): Promise<Response> {
  const [, channel, fileName] = /^upload\/(?:([a-z][^/]*)\/)?([^/]+\.deb)$/.exec(path) ?? [];
  if (request.method !== "PUT" || fileName === undefined) return new Response(null, { status: 405, headers: { allow: "GET, HEAD, PUT" } });
  if (channel !== undefined) parseChannelName(channel);
  const body = (request.body ?? []) as unknown as AsyncIterable<Uint8Array>;
  const spooled = await spool(instance, caller, fileName, body);
  try {
    const { app, release, isPromoted } = await pushPackage(instance, caller, spooled, { repository, ecosystem: "apt", channel });
    return new Response(`${app} ${release.version} ${release.status}${isPromoted ? `, promoted to ${channel}` : ""}\n`, { status: 201 });
  } finally {
    await spooled.drop();
  }
}
