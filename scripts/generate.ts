/** Writes the documents that are made from code. With --check it only says which are out of date. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ERROR_CODES, SCOPES } from "@distd/core";
import { manifestJsonSchema } from "@distd/core/manifest";
import { channelDocumentSchema, publishDocumentSchema } from "@distd/core/wire";
import { z } from "zod";
import { COMMANDS } from "../packages/cli/src/commands/index.ts";
import { CHECKS } from "@distd/inspect/gate";
import { GLOBAL_OPTIONS, type Option, usageLine } from "../packages/cli/src/command.ts";
import { renderOpenApi } from "../packages/server/src/http/openapi.ts";
import { renderFormats } from "./render-formats.ts";
import { API_ROUTES } from "../packages/server/src/http/routes/index.ts";

const documents: Readonly<Record<string, string>> = {
  "docs/schema/dist.schema.json": json(manifestJsonSchema()),
  "docs/schema/publish-document.schema.json": json(z.toJSONSchema(publishDocumentSchema)),
  "docs/schema/channel-document.schema.json": json(z.toJSONSchema(channelDocumentSchema)),
  "docs/openapi.json": json(renderOpenApi(API_ROUTES, { version: "1", baseUrl: "https://dist.example.com" })),
  "docs/errors.md": renderErrors(),
  "docs/commands.md": renderCommands(),
  "docs/gate.md": renderGate(),
  "docs/facts.md": renderFormats(),
};

const stale = Object.entries(documents).filter(([path, text]) => !existsSync(path) || readFileSync(path, "utf8") !== text);
if (process.argv.includes("--check")) {
  for (const [path] of stale) console.log(`${path} is out of date: npm run generate`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [path, text] of stale) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`wrote ${path}`);
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function renderGate(): string {
  const context = (channel: string | undefined) => ({ version: "", build: "", channel, rules: {}, now: 0 });
  const rows = CHECKS.map((check) => {
    const [usual, stable] = [check.severity(context(undefined)), check.severity(context("stable"))];
    const severity = usual === stable ? usual : `${usual}; ${stable} on stable`;
    return `| \`${check.id}\` | ${severity}${check.isFixed ? ", always" : ""} | ${check.title} | ${check.fix} |`;
  });
  return `# The release gate

Before a release is published, its artifacts are held against the app's rules, the release's own statements, and what is live for the same devices on
the channel it is meant for. An error refuses the release (\`gate/refused\`, exit 21) and nothing is published; a warning is shown to CI and
stays with the release. \`dist release check FILE…\` asks before anything is uploaded.

| check | severity | meaning | what to do |
|---|---|---|---|
${rows.join("\n")}

## Policy

\`dist app policy SLUG --gate FILE\` sets what an app is held to; a channel's own severities win. Those marked *always* stay as they are:

    {
      "rules": {"identifiers": ["com.acme.notes"], "signers": ["SHA-256 of a certificate"], "platforms": ["android", "ios"]},
      "checks": {"gate/permissions-added": "error"},
      "channels": {"nightly": {"gate/unsigned": "off"}}
    }

Who may have signed is named by any of four lists, and with one of them whatever systems look at the signature of has to carry one that holds, by somebody they name;
[signatures](signatures/README.md) says what holding means.

| list | names | for |
|---|---|---|
| \`signers\` | SHA-256 of certificates | Android, and anything else signed with a certificate |
| \`subjects\` | subjects of certificates, which are renewed; somebody trusted has to stand for them | Windows |
| \`teams\` | Apple's team ids; somebody trusted has to stand for them | macOS, iOS |
| \`keys\` | public keys, word for word: an OpenPGP block, minisign's line, Sparkle's base64, the JSON of a registry or of Sigstore | rpm, AppImage, and files with a signature beside them |

Anybody can write a subject or a team into a certificate of his own. Apple's roots are pinned; of Windows none are, so \`authorities\` (certificates in PEM) says who
stands for the signers that \`subjects\` names. Whom the rules name by certificate, key or authority is trusted (\`signing.trusted\`), on pages too.

\`revoked\` (SHA-256 of certificates, of signers or of who stands for them) refuses what was signed under them, at promotion too.

With \`keys\`, archives, ELF programs, AppImages and rpm packages that are installed have to carry a signature too, and publishing verifies it with those keys: the
signature is one more artifact of the release, called like its file (\`notes.tar.gz.minisig\`). An id in place of a key (an OpenPGP fingerprint) names signers that bring
their key along, and verifies nothing.

## Who signed what is live

\`gate/signer-changed\` compares signatures that hold. The same certificate or key goes on; so does another certificate of the same owner (the same team, or subject) that
is issued by the same authority, or trusted on both sides: renewal makes such. Android's phones are asked level by level: each looks at one signature, takes the same
certificates, or a new one whose proof of rotation lets the old one hand its data on, and goes back only where the lineage permits rollback.

## Accepting a refused check

\`dist ci publish --override gate/signer-changed --reason "new key, announced"\`, with a token that has the scope \`gate:override\`. It holds for this
release and this check, stands in the audit log with its reason, and is shown with the release. Nothing else passes the gate.

## Promotion

Promoting asks again about identity, signer and quality, for the channel's own demands. The order of builds is not asked: promoting an older release
is how people go back.
`;
}

function renderErrors(): string {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { exit, status, title, hint }]) => `| \`${code}\` | ${exit} | ${status} | ${title} | ${hint} |`,
  );
  return `# Errors

Every failure has a code. The command line prints \`error:\`, \`hint:\`, \`code:\` and ends with the exit code; the API answers
\`application/problem+json\` (RFC 9457) with the same code, the HTTP status, and \`exit\`. \`dist explain CODE\` says the same.

Exit codes: 0 ok, 1 failed, 2 usage, 3 partly done, 10 not found, 11 conflict, 12 not allowed, 13 no room, 20 verification failed,
21 policy, 30 network, 31 server error after retries, 40 runtime missing, 70 our bug, 130 interrupted.

| code | exit | status | meaning | what to do |
|---|---|---|---|---|
${rows.join("\n")}
`;
}

function renderCommands(): string {
  const scopes = Object.entries(SCOPES).map(([scope, text]) => `| \`${scope}\` | ${text} |`);
  return `# Commands

\`dist\` (also installed as \`distctl\`) talks to a server. Flags win over the environment (\`DIST_SERVER\`, \`DIST_TOKEN\`), and that over what
\`dist login\` stored. Every command takes these:

${optionTable(GLOBAL_OPTIONS)}

${COMMANDS.map((command) => `## dist ${`${command.name.join(" ")} ${usageLine(command)}`.trimEnd()}\n\n${command.summary}.\n${Object.keys(command.options).length === 0 ? "" : `\n${optionTable(command.options)}\n`}`).join("\n")}
## Scopes

| scope | allows to |
|---|---|
${scopes.join("\n")}
`;
}

function optionTable(options: Readonly<Record<string, Option>>): string {
  const rows = Object.entries(options).map(
    ([name, { value, multiple, summary }]) =>
      `| \`--${name}${value === undefined ? "" : ` ${value}`}\` | ${summary}${multiple ? "; may be repeated" : ""} |`,
  );
  return `| option | |\n|---|---|\n${rows.join("\n")}`;
}
