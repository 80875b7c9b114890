import type { Mail } from "./mail.ts";

/** For what a mail server may take its time: the caller waits for it. */
const PATIENCE_MS = 15_000;

export interface SmtpConfig {
  /** `smtp://user:password@host:587` (STARTTLS where it is offered), `smtps://…`. */
  readonly url: string;
  /** What mails are from. */
  readonly from: string;
}

/** Mails as plain text: nothing in them is anybody's HTML. The client is loaded with the first. */
export function createSmtpMail({ url, from }: SmtpConfig): Mail {
  return {
    async invite(invitation) {
      const [{ createTransport }, { renderInvitation }] = await Promise.all([import("nodemailer"), import("./invitation.ts")]);
      const times = { connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS };
      const transport = createTransport({ url, ...times });
      try {
        const { subject, text } = renderInvitation(invitation);
        const to = { name: oneLine(invitation.name), address: invitation.mail };
        await transport.sendMail({ from, to, subject: oneLine(subject), text, headers: { "Auto-Submitted": "auto-generated" } });
      } finally {
        transport.close();
      }
    },
  };
}

/** Headers end where a line does. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
