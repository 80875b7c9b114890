import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

export interface MailServer {
  readonly url: string;
  /** As they came, in order. */
  readonly mails: readonly { readonly to: readonly string[]; readonly raw: Buffer }[];
}

/** An SMTP server that keeps what it is given. */
export async function withMailServer<T>(body: (server: MailServer) => Promise<T>): Promise<T> {
  const mails: { to: readonly string[]; raw: Buffer }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks) });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await body({ url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, mails });
  } finally {
    await new Promise<void>((resolve) => server.close(resolve));
  }
}
