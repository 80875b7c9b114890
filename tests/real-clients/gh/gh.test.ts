import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { type ClientRan, ClientFailure, FETCH_CLIENTS, type Home, inHome, isHere } from "../client.ts";
import { type PinName, programOf } from "../clients/pins.ts";
import { NAME } from "../packages.ts";
import { onStage } from "../stage.ts";
import { githubLines, makeTarball } from "./tarball.ts";
import { OPENSSL } from "../tls-front.ts";
import { onTlsStage, type TlsStage } from "./tls-stage.ts";

const PATIENCE = { timeout: 180_000 };
/** gh wants a token for every host, also where nobody asks for one. */
const INVENTED = "invented";

for (const pin of ["gh-2.23", "gh-2.46"] as const satisfies readonly PinName[]) {
  const program = programOf(pin);
  const missing = program === undefined ? FETCH_CLIENTS : OPENSSL === null ? "openssl makes the certificate" : undefined;

  describe(pin, { skip: !isHere({ name: pin, missing }) }, () => {
    const ghOf =
      (stage: TlsStage, home: Home, repository = "main", token = INVENTED) =>
      (...args: readonly string[]): Promise<ClientRan> =>
        home.run([program ?? "gh", "release", ...args, "--repo", `${repository}/${NAME}`], {
          cwd: home.inside("work"),
          env: { GH_HOST: stage.host, GH_ENTERPRISE_TOKEN: token, SSL_CERT_FILE: stage.certificate, GH_NO_UPDATE_NOTIFIER: "1" },
        });
    /** What was downloaded is the version's, byte for byte; and is gone then. */
    const assertDownloaded = (home: Home, version: string): void => {
      const { file, bytes } = makeTarball({ version });
      const path = join(home.inside("work"), file);
      assert.ok(readFileSync(path).equals(bytes), `${file} has other bytes`);
      rmSync(path);
    };
    const PATTERN = ["--pattern", "*_linux_amd64.tar.gz"];

    it("downloads the latest release and those before, and follows promotions and rollbacks", PATIENCE, () =>
      onTlsStage(async (stage, home) => {
        const gh = ghOf(stage, home);
        await stage.publish("1.0.0");
        await gh("download", ...PATTERN);
        assertDownloaded(home, "1.0.0");
        await stage.publish("1.1.0");
        await gh("download", ...PATTERN);
        assertDownloaded(home, "1.1.0");
        for (const tag of ["v1.0.0", "1.0.0"]) {
          await gh("download", tag, ...PATTERN);
          assertDownloaded(home, "1.0.0");
        }
        await stage.publish("2.0.0-rc.1", "beta");
        await stage.dist("channel", "rollback", NAME, "stable");
        await gh("download", ...PATTERN);
        assertDownloaded(home, "1.0.0");
        // Who names what was gone back over still gets it.
        await gh("download", "v1.1.0", ...PATTERN);
        assertDownloaded(home, "1.1.0");
        const absent = gh("download", "v9.9.9", ...PATTERN);
        await assert.rejects(absent, (error) => error instanceof ClientFailure && /not found/.test(error.message));
      }),
    );

    for (const access of ["public", "members"] as const) {
      it(`downloads what the line for it says: ${access}`, PATIENCE, () =>
        onTlsStage(async (stage, home) => {
          await stage.publish("1.0.0");
          const line = githubLines(stage.url, access === "public" ? "main" : NAME, access === "public").find((text) =>
            text.includes("gh release"),
          );
          const path = `${dirname(program ?? "")}:${process.env["PATH"]}`;
          const env = {
            PATH: path,
            SSL_CERT_FILE: stage.certificate,
            ...(access === "members" && { DIST_TOKEN: await stage.readToken() }),
          };
          await home.run(["sh", "-ec", line ?? "false"], { cwd: home.inside("work"), env });
          assertDownloaded(home, "1.0.0");
        }, access),
      );
    }

    it("speaks plain HTTP to a server called github.localhost", PATIENCE, () =>
      onStage((stage) =>
        inHome(async (home) => {
          await stage.publish("1.0.0", { packages: [makeTarball({ version: "1.0.0" })] });
          // It goes to port 80 of api.github.localhost: a proxy stands there for every machine.
          const env = { GH_TOKEN: INVENTED, GH_ENTERPRISE_TOKEN: INVENTED, HTTP_PROXY: stage.url };
          const repository = `github.localhost/main/${NAME}`;
          await home.run([program ?? "gh", "release", "download", ...PATTERN, "--repo", repository], { cwd: home.inside("work"), env });
          assertDownloaded(home, "1.0.0");
        }),
      ),
    );

    it("shows and lists releases", PATIENCE, () =>
      onTlsStage(async (stage, home) => {
        const gh = ghOf(stage, home);
        await stage.publish("1.0.0");
        await stage.publish("2.0.0-rc.1", "beta");
        const { stdout } = await gh("view", "v1.0.0");
        assert.match(stdout, /^tag:\s+v1\.0\.0$/m);
        assert.match(stdout, /^asset:\s+lantern_1\.0\.0_linux_amd64\.tar\.gz$/m);
        const shown = await gh("view", "--json", "tagName,isDraft,isPrerelease,assets,publishedAt");
        const { tagName, isDraft, isPrerelease, assets } = JSON.parse(shown.stdout) as {
          tagName: string;
          isDraft: boolean;
          isPrerelease: boolean;
          assets: { name: string; size: number; state: string }[];
        };
        assert.deepEqual([tagName, isDraft, isPrerelease], ["v1.0.0", false, false]);
        const { file, bytes } = makeTarball({ version: "1.0.0" });
        const asset = assets.find(({ name }) => name === file);
        assert.deepEqual([asset?.size, asset?.state], [bytes.length, "uploaded"]);
        const list = (await gh("list")).stdout.trim().split("\n");
        assert.deepEqual(
          list.map((line) => line.split("\t").slice(0, 3)),
          [
            ["lantern 2.0.0-rc.1", "Pre-release", "v2.0.0-rc.1"],
            ["lantern 1.0.0", "Latest", "v1.0.0"],
          ],
        );
        assert.equal((await gh("list", "--limit", "1")).stdout.trim().split("\n").length, 1);
      }),
    );

    it("gets a members' app only with a token that may read it", PATIENCE, () =>
      onTlsStage(async (stage, home) => {
        await stage.publish("1.0.0");
        await stage.dist("app", "create", "other", "--access", "members");
        for (const token of [INVENTED, await stage.readToken("other")]) {
          for (const command of [["download", ...PATTERN], ["view"], ["list"]]) {
            const refused = ghOf(stage, home, NAME, token)(...command);
            await assert.rejects(
              refused,
              (error) => error instanceof ClientFailure && /40[14]|not found|does not reach/i.test(error.message),
            );
          }
        }
        const gh = ghOf(stage, home, NAME, await stage.readToken());
        await gh("download", ...PATTERN);
        assertDownloaded(home, "1.0.0");
        assert.match((await gh("list")).stdout, /v1\.0\.0/);
      }, "members"),
    );
  });
}
