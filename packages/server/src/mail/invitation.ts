import { chooseLanguage } from "../pages/words/index.ts";
import type { MailedInvitation } from "./mail.ts";

/** The mail that brings a personal link, in the language of whoever gets it. */
export function renderInvitation({ name, app, url, expiresAt, contact, language }: MailedInvitation): {
  readonly subject: string;
  readonly text: string;
} {
  const { invitation, ask } = chooseLanguage(language);
  const paragraphs = [
    invitation.hello(name),
    invitation.text(app),
    url,
    `${invitation.until(expiresAt.slice(0, 10))} ${invitation.personal}`,
    ...(contact === null ? [] : [ask(contact)]),
  ];
  return { subject: invitation.subject(app), text: `${paragraphs.join("\n\n")}\n` };
}
