import { DistError } from "@distd/core";
import type { InvitationDocument } from "@distd/core/wire";
import { testersPath } from "../api/paths.ts";
import type { Command } from "../command.ts";
import { parseDuration } from "../output/amounts.ts";
import { renderTable } from "../output/table.ts";

export const testerInvite: Command = {
  name: ["tester", "invite"],
  summary: "Invite a person or a group to an app's channel; the personal links are shown once",
  positionals: [{ name: "APP", count: "one" }],
  options: {
    channel: { type: "string", value: "CHANNEL", summary: "what they get; stable when absent" },
    name: { type: "string", value: "NAME", summary: "what the person is called" },
    mail: { type: "string", value: "ADDRESS", summary: "the person's mail address: the same address is the same person" },
    into: { type: "string", value: "GROUP", multiple: true, summary: "groups to put the person into" },
    group: { type: "string", value: "GROUP", summary: "invite everybody in this group" },
    expires: { type: "string", value: "TIME", summary: "life time such as 30d or 12h; 30d when absent" },
    send: { type: "boolean", summary: "let the server mail the link" },
    language: { type: "string", value: "LANGUAGE", summary: "of the mail: en, de, zh or ja; en when absent" },
  },
  async run({ args, option, options, flag, output, connect }) {
    const expiresInSeconds = parseDuration(option("expires") ?? "30d");
    if (expiresInSeconds === undefined)
      throw new DistError("usage/invalid", `--expires is '${option("expires")}', not a time such as 30d, 12h or 30m`);
    const { invitations } = await connect().post<{ invitations: InvitationDocument[] }>(testersPath(args[0] ?? ""), {
      channel: option("channel") ?? "stable",
      name: option("name"),
      mail: option("mail"),
      groups: options("into"),
      group: option("group"),
      expiresInSeconds,
      send: flag("send"),
      language: option("language"),
    });
    const rows = invitations.map(({ name, url, expiresAt, mailed }) => [
      name,
      url,
      `until ${expiresAt.slice(0, 10)}`,
      mailed === null ? "" : mailed === "sent" ? "mailed" : `not mailed: ${mailed}`,
    ]);
    output.result({ invitations }, `${renderTable(rows)}\nThe links are not shown again.\n`);
    return invitations.every(({ mailed }) => mailed === null || mailed === "sent") ? 0 : 3;
  },
};
