import type { InviteTester } from "@distd/core/wire";

/** A personal link on its way to whom it is for. */
export interface MailedInvitation {
  readonly name: string;
  readonly mail: string;
  readonly app: string;
  readonly url: string;
  readonly expiresAt: string;
  readonly contact: string | null;
  readonly language: InviteTester["language"];
}

/** What the server sends by mail. */
export interface Mail {
  /** Resolves when the mail server has taken it; throws where it did not. */
  invite(invitation: MailedInvitation): Promise<void>;
}
