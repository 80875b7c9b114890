import { basename } from "node:path";
import { DistError } from "@distd/core";
import { inspectArtifact } from "@distd/inspect";
import { verifyArtifact, withVerdict } from "@distd/inspect/verify";
import type { Command } from "../command.ts";
import { withFileAndNeighbours } from "../files/neighbours.ts";
import { renderSigning } from "../output/render-signing.ts";
import { readTrust } from "../signing/read-trust.ts";
import { signingFailure } from "../signing/signing-failure.ts";

export const verify: Command = {
  name: ["verify"],
  summary: "Whether a file is what was signed, and who signed it; exit 20 when it is not intact or not trusted",
  positionals: [{ name: "FILE", count: "one" }],
  options: {
    key: {
      type: "string",
      value: "FILE",
      multiple: true,
      summary: "trust this certificate or public key too (PEM, DER, OpenPGP, minisign, Sparkle, npm, Sigstore); may be given several times",
    },
    at: { type: "string", value: "DATE", summary: "judge it as of this time (ISO 8601); now when absent" },
    revoked: { type: "string", value: "SHA256", multiple: true, summary: "a certificate that is trusted no more" },
  },
  async run({ args, option, options, output }) {
    const [path = ""] = args;
    const now = readTime(option("at"));
    const trust = readTrust(options("key"), options("revoked"));
    return withFileAndNeighbours(path, async (source, beside) => {
      const fileName = basename(path);
      const facts = await inspectArtifact(source, fileName);
      const verdict = await verifyArtifact(source, { format: facts.format, fileName, now, trust, beside });
      const { signing } = withVerdict(facts, verdict);
      output.result({ file: fileName, format: facts.format, signing }, renderSigning(signing, output.style));
      const failure = signingFailure(fileName, signing);
      if (!failure) return 0;
      output.error(failure);
      return failure.entry.exit;
    });
  },
};

function readTime(text: string | undefined): Date {
  const time = text === undefined ? new Date() : new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new DistError("usage/invalid", `--at is '${text}', not a time such as 2026-11-20 or 2026-11-20T12:00:00Z`);
  return time;
}
