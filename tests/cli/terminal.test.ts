// What only shows in a terminal: the prompts of `dist login`, and completion inside the shells.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { dist, inFolder } from "../support/dist.ts";
import { ADMIN_TOKEN, DIST, withServer } from "../support/server.ts";
import { inTerminal } from "../support/terminal.ts";

describe("dist login at a prompt", () => {
  it("asks for server and token, shows the token nowhere, and stores both for the next command", () =>
    withServer((server) =>
      inFolder({}, (home) =>
        inTerminal(`${DIST} login`, { DIST_CONFIG_HOME: home }, async (terminal) => {
          await terminal.waitFor(/server: /);
          terminal.type(`${server.url}\r`);
          await terminal.waitFor(/token: /);
          terminal.type(`${ADMIN_TOKEN}\r`);
          await terminal.waitFor(/signed in to/);
          assert.equal(await terminal.exited, 0);
          assert.equal(terminal.shown().includes(ADMIN_TOKEN.slice(0, 10)), false);

          const stored = join(home, "credentials.json");
          assert.equal(statSync(stored).mode & 0o777, 0o600);
          assert.deepEqual(JSON.parse(readFileSync(stored, "utf8")), { server: server.url, tokens: { [server.url]: ADMIN_TOKEN } });
          const listed = await dist(["app", "list"], { token: "", env: { DIST_CONFIG_HOME: home } });
          assert.equal(listed.code, 0, listed.stderr);
        }),
      ),
    ));

  it("stores nothing when the token is wrong", () =>
    withServer((server) =>
      inFolder({}, (home) =>
        inTerminal(`${DIST} login ${server.url}`, { DIST_CONFIG_HOME: home }, async (terminal) => {
          await terminal.waitFor(/token: /);
          terminal.type("wrong\r");
          assert.equal(await terminal.exited, 12);
          assert.throws(() => statSync(join(home, "credentials.json")), { code: "ENOENT" });
        }),
      ),
    ));

  it("ends as interrupted on Ctrl-C", () =>
    inFolder({}, (home) =>
      inTerminal(`${DIST} login http://127.0.0.1:1`, { DIST_CONFIG_HOME: home }, async (terminal) => {
        await terminal.waitFor(/token: /);
        terminal.type("\u0003");
        assert.equal(await terminal.exited, 130);
      }),
    ));
});

describe("completion inside a shell", () => {
  const folderOfDist = join(DIST, "..");
  const shells = {
    bash: { command: "bash --norc --noprofile -i", prepare: "" },
    zsh: { command: "zsh -f -i", prepare: "autoload -U compinit; compinit -u -D; " },
    fish: { command: "fish --no-config -i", prepare: "" },
  } as const;

  for (const [shell, { command, prepare }] of Object.entries(shells)) {
    it(`${shell} completes commands, their second words and options`, { skip: Bun.which(shell) === null && !process.env["CI"] }, () =>
      inFolder({}, (home) =>
        inTerminal(command, { PATH: `${folderOfDist}:${process.env["PATH"] ?? ""}`, HOME: home, PS1: "> " }, async (terminal) => {
          const load = shell === "fish" ? "dist completion fish | source" : `${prepare}eval "$(dist completion ${shell})"`;
          terminal.type(`${load}; echo loa''ded\r`);
          await terminal.waitFor(/loaded/);
          terminal.type(`dist chan\tprom\t--exa\t\u0001echo "<\u0005>"\r`);
          await terminal.waitFor(/<dist channel promote --exact ?>/);
        }),
      ),
    );
  }
});
