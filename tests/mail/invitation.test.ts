// The mail that brings a personal link, as another program's parser reads it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import type { InvitationDocument } from "@distd/core/wire";
import { renderInvitation } from "../../packages/server/src/mail/invitation.ts";
import { createSmtpMail } from "../../packages/server/src/mail/smtp.ts";
import { PAYLOADS } from "../browser/payloads.ts";
import { dist } from "../support/dist.ts";
import { withMailServer } from "../support/mail-server.ts";
import { withServer } from "../support/server.ts";

const FROM = "Acme <apps@acme.test>";
const INVITATION = {
  name: "Ana",
  mail: "ana@example.com",
  app: "Acme Notes",
  url: "https://get.acme.test/i/abcdefghijklmnopqrstuvwxyz012345",
  expiresAt: "2026-12-24T12:00:00.000Z",
  contact: "notes-team@acme.test",
  language: "en",
} as const;
const AT_A_TIME = 10;
const READ = `import base64,email,email.policy,json,sys
out = []
for line in sys.stdin:
  mail = email.message_from_bytes(base64.b64decode(line), policy=email.policy.default)
  out.append({"type": mail.get_content_type(), "parts": mail.is_multipart(), "headers": [name.lower() for name in mail.keys()],
    "subject": str(mail["subject"]), "to": [[one.display_name, one.addr_spec] for one in mail["to"].addresses], "text": mail.get_content().replace("\\r\\n", "\\n")})
print(json.dumps(out))`;

interface Read {
  readonly type: string;
  readonly parts: boolean;
  readonly headers: readonly string[];
  readonly subject: string;
  readonly to: readonly (readonly [name: string, address: string])[];
  readonly text: string;
}
/** As Python's parser understands them. */
function read(mails: readonly { readonly raw: Buffer }[]): readonly Read[] {
  const input = mails.map(({ raw }) => raw.toString("base64")).join("\n");
  return JSON.parse(execFileSync("python3", ["-c", READ], { input, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })) as Read[];
}
const skip = Bun.which("python3") === null && !process.env["CI"] ? "python3 reads the mails" : false;

describe("an invitation by mail", { skip }, () => {
  it("says what it is for, until when, and whom to ask", () => {
    assert.deepEqual(renderInvitation(INVITATION), {
      subject: "Acme Notes: your invitation",
      text: `Hello Ana,

you are invited to try Acme Notes. Open this link on the device you want it on:

https://get.acme.test/i/abcdefghijklmnopqrstuvwxyz012345

The link works until 2026-12-24. It is yours alone: whoever has it is taken for you.

Ask for access: notes-team@acme.test
`,
    });
  });

  for (const [language, word] of [
    ["de", "eingeladen"],
    ["zh", "邀请"],
    ["ja", "招待"],
  ] as const)
    it(`speaks ${language}, and arrives as it was written`, () =>
      withMailServer(async ({ url, mails }) => {
        const invitation = { ...INVITATION, language, name: "Ánna 灯" };
        await createSmtpMail({ url, from: FROM }).invite(invitation);
        const [mail] = read(mails);
        const { subject, text } = renderInvitation(invitation);
        assert.ok(`${subject} ${text}`.includes(word));
        assert.deepEqual([mail?.subject, mail?.text, mail?.to], [subject, text, [["Ánna 灯", "ana@example.com"]]]);
      }));

  it(`lets none of ${PAYLOADS.length} payloads become a header, a part, markup or another address`, { timeout: 60_000 }, () =>
    withMailServer(async ({ url, mails }) => {
      const mail = createSmtpMail({ url, from: FROM });
      const hostile = [
        ...PAYLOADS,
        "a\r\nBcc: eve@evil.test",
        "a\nX-Evil: 1\n\n<b>",
        "<eve@evil.test>",
        "a,eve@evil.test",
        '"<eve@evil.test>"',
      ];
      const send = (payload: string): Promise<void> => mail.invite({ ...INVITATION, name: payload, app: payload, contact: payload });
      for (let at = 0; at < hostile.length; at += AT_A_TIME) await Promise.all(hostile.slice(at, at + AT_A_TIME).map(send));
      const found = read(mails);
      assert.equal(found.length, hostile.length);
      const headers = new Set([
        "from",
        "to",
        "subject",
        "message-id",
        "content-transfer-encoding",
        "date",
        "mime-version",
        "content-type",
        "auto-submitted",
      ]);
      for (const [index, one] of found.entries()) {
        assert.deepEqual(mails[index]?.to, ["ana@example.com"]);
        assert.deepEqual([one.type, one.parts, one.to.length, one.to[0]?.[1]], ["text/plain", false, 1, "ana@example.com"]);
        assert.deepEqual(new Set(one.headers), headers);
        assert.equal(one.headers.length, headers.size);
      }
    }),
  );

  it("is sent by the server when that is asked, and the link is told where it cannot be", { timeout: 60_000 }, () =>
    withMailServer(async ({ url, mails }) => {
      await withServer(
        async ({ url: server }) => {
          await dist(["app", "create", "notes", "--access", "testers"], { server });
          const invite = [
            "tester",
            "invite",
            "notes",
            "--channel",
            "beta",
            "--mail",
            "ana@example.com",
            "--send",
            "--language",
            "de",
            "--json",
          ];
          const ran = await dist(invite, { server });
          assert.equal(ran.code, 0, ran.stderr);
          const [invitation] = (JSON.parse(ran.stdout) as { invitations: InvitationDocument[] }).invitations;
          const [mail] = read(mails);
          assert.equal(invitation?.mailed, "sent");
          assert.equal(mail?.subject, "notes: Ihre Einladung");
          assert.ok(mail?.text.includes(invitation?.url ?? "nothing"));
        },
        { flags: ["--smtp", url, "--mail-from", FROM] },
      );
      await withServer(
        async ({ url: server }) => {
          await dist(["app", "create", "notes", "--access", "testers"], { server });
          const ran = await dist(["tester", "invite", "notes", "--mail", "ana@example.com", "--send"], { server });
          assert.equal(ran.code, 3, ran.stderr);
          assert.match(ran.stdout, /\/i\/[\w-]{32} .*not mailed: .*ECONNREFUSED/);
        },
        { flags: ["--smtp", "smtp://127.0.0.1:1", "--mail-from", FROM] },
      );
    }),
  );
});
