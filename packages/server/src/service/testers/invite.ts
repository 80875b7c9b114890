import { DistError, isOpen, parseChannelName, parseDisplayName, sha256 } from "@distd/core";
import type { InvitationDocument, InviteTester } from "@distd/core/wire";
import { createLinkSecret } from "../../auth/tester-link.ts";
import type { Tx } from "../../db/database.ts";
import { act } from "../act.ts";
import { type AppRow, MAIN_ORGANIZATION, openApp } from "../apps.ts";
import { createId } from "../ids.ts";
import { type Caller, type Instance, iso } from "../instance.ts";
import { findGroup, groupsOf, type TesterRow } from "./testers.ts";

/** Where a link leads, without the secret. */
export const INVITATION_PATH = "/i/";

/**
 * Personal links, for one person or for everybody in a group. A person's earlier link to the same channel ends with it. The secrets are in this answer
 * and nowhere else.
 */
export async function invite(
  instance: Instance,
  { principal }: Caller,
  slug: string,
  input: InviteTester,
): Promise<readonly InvitationDocument[]> {
  const { name, mail, group, groups } = input;
  if ((name === undefined && mail === undefined) === (group === undefined))
    throw new DistError("usage/invalid", "an invitation is for one person (name, mail) or for a group, not for both");
  if (input.send && instance.mail === undefined) throw new DistError("mail/not-configured", "this server sends no mail");
  const channel = parseChannelName(input.channel);
  // No Idempotency-Key: remembering the answer would store the secrets.
  const caller: Caller = { principal };
  if (group === undefined) {
    const person = { name: parseDisplayName(name ?? mail ?? ""), mail: mail?.toLowerCase() ?? null, groups };
    return [
      await deliver(instance, input, await inviteOne(instance, caller, { slug, channel, input }, (tx) => openTester(tx, instance, person))),
    ];
  }
  const members = await findGroup(instance.db.read, group);
  if (members.length === 0) throw new DistError("tester/not-found", `nobody is in the group '${group}'`);
  const invited: InvitationDocument[] = [];
  for (const member of members)
    invited.push(await deliver(instance, input, await inviteOne(instance, caller, { slug, channel, input }, async () => member)));
  return invited;
}

interface Invited {
  readonly app: AppRow;
  readonly tester: TesterRow;
  readonly document: InvitationDocument;
}

async function inviteOne(
  instance: Instance,
  caller: Caller,
  { slug, channel, input }: { readonly slug: string; readonly channel: string; readonly input: InviteTester },
  find: (tx: Tx) => Promise<TesterRow>,
): Promise<Invited> {
  return act(instance, caller, async (tx) => {
    const app = await openApp(tx, caller.principal, "app:admin", slug);
    if (app.access !== "testers" && !isOpen(app.access))
      throw new DistError("usage/invalid", `an invitation would open nothing: '${slug}' is for ${app.access}`, {
        hint: `let testers in: dist app policy ${slug} --access testers`,
      });
    const tester = await find(tx);
    const now = instance.now();
    await tx
      .updateTable("tester_links")
      .set({ revoked_at: iso(now) })
      .where("tester_id", "=", tester.id)
      .where("app_id", "=", app.id)
      .where("channel", "=", channel)
      .where("revoked_at", "is", null)
      .execute();
    const secret = createLinkSecret();
    const id = createId("lnk", now);
    const expiresAt = iso(now + input.expiresInSeconds * 1000);
    await tx
      .insertInto("tester_links")
      .values({
        id,
        tester_id: tester.id,
        app_id: app.id,
        channel,
        hash: sha256(secret),
        created_at: iso(now),
        created_by: caller.principal.id,
        expires_at: expiresAt,
        revoked_at: null,
      })
      .execute();
    const url = `${instance.baseUrl}${INVITATION_PATH}${secret}`;
    const document = { tester: tester.id, name: tester.name, mail: tester.mail, channel, url, expiresAt, mailed: null };
    return {
      result: { app, tester, document },
      // Who it is stays in the table of testers, from which it can be erased.
      event: { action: "tester.invite", app: slug, subject: tester.id, details: { link: id, channel, expiresAt } },
    };
  });
}

/** The same person by the same mail address. */
async function openTester(
  tx: Tx,
  instance: Instance,
  { name, mail, groups }: { readonly name: string; readonly mail: string | null; readonly groups: readonly string[] },
): Promise<TesterRow> {
  const known =
    mail === null
      ? undefined
      : await tx.selectFrom("testers").selectAll().where("org_id", "=", MAIN_ORGANIZATION).where("mail", "=", mail).executeTakeFirst();
  if (known) {
    const row = { ...known, groups: JSON.stringify([...new Set([...groupsOf(known), ...groups])]) };
    await tx.updateTable("testers").set({ groups: row.groups }).where("id", "=", row.id).execute();
    return row;
  }
  const now = instance.now();
  const row: TesterRow = {
    id: createId("tst", now),
    org_id: MAIN_ORGANIZATION,
    name,
    mail,
    groups: JSON.stringify([...new Set(groups)]),
    created_at: iso(now),
  };
  await tx.insertInto("testers").values(row).execute();
  return row;
}

/** The link holds whether the mail arrives or not: the answer says so, and the link can be sent another way. */
async function deliver(instance: Instance, { send, language }: InviteTester, { app, document }: Invited): Promise<InvitationDocument> {
  if (!send || instance.mail === undefined) return document;
  if (document.mail === null) return { ...document, mailed: "there is no mail address" };
  try {
    await instance.mail.invite({ ...document, mail: document.mail, app: app.name, contact: app.contact, language });
    return { ...document, mailed: "sent" };
  } catch (thrown) {
    instance.log("warn", "an invitation was not mailed", { error: (thrown as Error).message });
    return { ...document, mailed: (thrown as Error).message };
  }
}
