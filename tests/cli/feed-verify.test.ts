import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FeedReportDocument, feedReportSchema, type PublishDocument, publishDocumentSchema } from "@distd/core/wire";
import { FEEDS } from "@distd/feeds";
import { makeImage } from "../real-clients/images.ts";
import { makeDeb, makeNpm, makeSdist, makeWheel, type MadePackage, NAME } from "../real-clients/packages.ts";
import type { Proxy } from "../real-clients/proxy.ts";
import { allPackages, CHANNEL, onStage, type Stage } from "../real-clients/stage.ts";
import { dist, inFolder, type Ran } from "../support/dist.ts";
import { ADMIN_TOKEN } from "../support/server.ts";

const PATIENCE = { timeout: 120_000 };
const STABLE = `${NAME}@${CHANNEL}`;

interface Report {
  readonly ok: boolean;
  readonly repository: string;
  readonly feeds: readonly FeedReportDocument[];
}

function everyPackage(version: string): readonly MadePackage[] {
  const { archive } = makeImage(version);
  return [...allPackages(version), { file: `${NAME}-${version}.oci.tar`, bytes: archive, program: archive }];
}

/** Feeds with a problem, and with files that are good. */
function feedsOf({ feeds }: Pick<Report, "feeds">): { readonly bad: readonly string[]; readonly good: readonly string[] } {
  for (const feed of feeds) feedReportSchema.strict().parse(feed);
  const having = (part: "good" | "problem"): readonly string[] =>
    feeds.filter(({ findings }) => findings.some((finding) => finding[part])).map(({ feed }) => feed);
  return { bad: having("problem"), good: having("good") };
}

const verify = (stage: Stage, ...args: readonly string[]): Promise<Ran> =>
  dist(["feed", "verify", STABLE, "--json", ...args], { server: stage.proxy.target });

/** What is changed on the way to whom, by path; in its middle, or where only a digest tells. */
const SPOILT: readonly (readonly [feed: string, what: string, path: RegExp])[] = [
  ["apt", "the package", /^\/apt\/.*\.deb$/],
  ["apt", "the source with the key", /^\/apt\/.*\.sources$/],
  ["apt", "the signed index", /\/InRelease$/],
  ["apt", "the index of packages", /\/by-hash\/SHA256\//],
  ["oci", "a layer or the configuration", /^\/v2\/.*\/blobs\//],
  ["oci", "the manifest of the channel", new RegExp(`^/v2/.*/manifests/${CHANNEL}$`)],
  ["oci", "the manifest by digest", /^\/v2\/.*\/manifests\/sha256:/],
  ["npm", "the package", /^\/npm\/.*\.tgz$/],
  ["npm", "the packument", /^\/npm\/[^/]+\/lantern$/],
  ["npm", "the registry's keys", /^\/npm\/.*\/-\/npm\/v1\/keys$/],
  ["pypi", "the wheel", /^\/pypi\/.*\.whl$/],
  ["pypi", "the sdist", /^\/pypi\/.*\.tar\.gz$/],
  ["pypi", "the project's page", /^\/pypi\/.*\/simple\/lantern\/$/],
  ["pypi", "the wheel's metadata", /^\/pypi\/.*\.metadata$/],
  ["github", "an asset", /\/releases\/download\//],
  ["github", "the release", /\/releases\/tags\//],
];

function spoil(proxy: Proxy, path: RegExp): void {
  proxy.spoils = (asked, { length }) => (path.test(asked) ? length >> 1 : undefined);
}

for (const access of ["public", "members"] as const) {
  describe(`dist feed verify of a ${access} app`, () => {
    it("finds everything that was released, by every feed", PATIENCE, () =>
      onStage(
        async (stage) => {
          await stage.publish("1.0.0", { packages: everyPackage("1.0.0") });
          const token = await stage.readToken();
          const ran = await dist(["feed", "verify", STABLE, "--json"], { server: stage.proxy.target, token });
          assert.equal(ran.code, 0, ran.stderr);
          const report = ran.json<Report>();
          assert.deepEqual([report.ok, report.repository], [true, stage.repository]);
          assert.deepEqual(feedsOf(report), { bad: [], good: FEEDS.map(({ id }) => id) });
          const counts = report.feeds.map(({ feed, findings }) => [feed, findings.length]);
          assert.deepEqual(counts, [
            ["apt", 1],
            ["oci", 1],
            ["npm", 1],
            ["pypi", 2],
            ["github", 5],
          ]);
          for (const { good } of report.feeds.flatMap(({ findings }) => findings)) assert.ok(good?.url.startsWith(`${stage.url}/`));
        },
        { access },
      ),
    );

    it("finds one changed byte, whatever file it is in, and names the feed", PATIENCE, () =>
      onStage(
        async (stage) => {
          await stage.publish("1.0.0", { packages: everyPackage("1.0.0") });
          for (const [feed, what, path] of SPOILT) {
            const before = stage.proxy.spoilt;
            spoil(stage.proxy, path);
            const ran = await verify(stage);
            assert.equal(ran.code, 20, `${feed}: ${what}: ${ran.stdout}${ran.stderr}`);
            assert.match(ran.stderr, /^code: feed\/mismatch$/m);
            assert.match(ran.stderr, new RegExp(`^error: ${feed} does not give ${NAME}`, "m"), what);
            assert.ok(stage.proxy.spoilt > before, `${feed}: ${what} was never asked for`);
            assert.deepEqual(feedsOf(ran.json<Report>()).bad, [feed], what);
          }
          stage.proxy.spoils = () => undefined;
          assert.equal((await verify(stage)).code, 0);
        },
        { access },
      ),
    );
  });
}

describe("dist feed verify", () => {
  it("says of each file what was compared, or what was expected and what was found", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.publish("1.0.0");
      const { stdout } = await stage.dist("feed", "verify", STABLE);
      assert.match(stdout, /^apt +lantern_1\.0\.0_[a-z0-9]+\.deb +1\.0\.0 +good +.* kB +InRelease, signed by [0-9A-F]{16}, Packages\.gz/m);
      assert.match(stdout, /^oci +nothing of it$/m);
      spoil(stage.proxy, /^\/npm\/.*\.tgz$/);
      const ran = await dist(["feed", "verify", STABLE], { server: stage.proxy.target });
      assert.match(
        ran.stdout,
        /^npm +lantern-1\.0\.0\.tgz +1\.0\.0 +bad +digest: its SHA-256 is sha256:[0-9a-f]{64}, not sha256:[0-9a-f]{64} +http/m,
      );
      assert.match(
        ran.stderr,
        /^error: npm does not give lantern-1\.0\.0\.tgz as released: http\S+: its SHA-256 is sha256:\S+, not sha256:\S+$/m,
      );
      const { problem } =
        (await verify(stage))
          .json<Report>()
          .feeds.flatMap(({ findings }) => findings)
          .find((finding) => finding.problem) ?? {};
      assert.equal(problem?.kind, "digest");
      assert.notEqual(problem.expected, problem.found);
    }),
  );

  it("follows the channel: a newer version, and back", PATIENCE, () =>
    onStage(async (stage) => {
      const versionOf = async (): Promise<readonly string[]> => {
        const ran = await verify(stage);
        assert.equal(ran.code, 0, ran.stdout);
        return [...new Set(ran.json<Report>().feeds.flatMap(({ findings }) => findings.map(({ version }) => version)))];
      };
      for (const version of ["1.0.0", "1.1.0"]) {
        await stage.publish(version, { packages: everyPackage(version) });
        assert.deepEqual(await versionOf(), [version]);
      }
      await stage.rollback();
      assert.deepEqual(await versionOf(), ["1.0.0"]);
      await stage.promote("1.1.0", "beta");
      const beta = await dist(["feed", "verify", `${NAME}@beta`], { server: stage.proxy.target });
      assert.equal(beta.code, 0, beta.stdout);
    }),
  );

  it("looks at what is live for each machine, when that is of two releases", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.publish("1.0.0", { packages: [makeDeb({ version: "1.0.0" }), makeWheel({ version: "1.0.0" })] });
      await stage.publish("1.1.0", { packages: [makeWheel({ version: "1.1.0" })] });
      const { feeds } = (await verify(stage)).json<Report>();
      const found = feeds.map(({ feed, findings }) => [feed, ...findings.map(({ version }) => version).toSorted()]);
      assert.deepEqual(found, [["apt", "1.0.0"], ["oci"], ["npm"], ["pypi", "1.1.0"], ["github", "1.0.0", "1.1.0"]]);
    }),
  );

  it("looks for nothing of a release that the channel does not have", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.publish("1.0.0", { channel: null });
      const { file, bytes } = makeDeb({ version: "1.0.0" });
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      const pushed = await fetch(`${stage.url}/apt/main/upload/beta/${file}`, { method: "PUT", headers, body: bytes });
      assert.equal(pushed.status, 201, await pushed.text());
      const ran = await dist(["feed", "verify", `${NAME}@beta`, "--json"], { server: stage.proxy.target });
      assert.equal(ran.code, 0, ran.stdout);
      const found = ran.json<Report>().feeds.map(({ feed, findings }) => [feed, ...findings.map(({ name }) => name)]);
      assert.deepEqual(found, [["apt", file], ["oci"], ["npm"], ["pypi"], ["github", file]]);
    }),
  );

  it("takes a later revision of the version, on another channel, for what it is", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.publish("1.0.0", { packages: [makeNpm({ version: "1.0.0" }), makeWheel({ version: "1.0.0" })] });
      const { file, bytes } = makeSdist({ version: "1.0.0" });
      const form = new FormData();
      for (const [name, value] of [
        [":action", "file_upload"],
        ["name", NAME],
        ["version", "1.0.0"],
      ] as const)
        form.set(name, value);
      form.set("content", new File([new Uint8Array(bytes)], file));
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      const pushed = await fetch(`${stage.url}/pypi/main/beta/legacy/`, { method: "POST", headers, body: form });
      assert.equal(pushed.status, 200, await pushed.text());
      for (const [channel, count] of [
        [CHANNEL, 2],
        ["beta", 3],
      ] as const) {
        const ran = await dist(["feed", "verify", `${NAME}@${channel}`, "--json"], { server: stage.proxy.target });
        assert.equal(ran.code, 0, ran.stdout);
        assert.equal(ran.json<Report>().feeds.at(-1)?.findings.length, count);
      }
    }),
  );

  it("looks in a repository that was made of it", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.publish("1.0.0");
      await stage.dist("repo", "create", "team", "--member", `${NAME}@${CHANNEL}`);
      const ran = await verify(stage, "--repository", "team");
      assert.equal(ran.code, 0, ran.stdout + ran.stderr);
      const { feeds, repository } = ran.json<Report>();
      assert.equal(repository, "team");
      assert.match(feeds[0]?.findings[0]?.good?.url ?? "", /\/apt\/team\/pool\//);
      assert.equal((await verify(stage, "--repository", "nobodys")).code, 10);
      await stage.promote("1.0.0", "beta");
      const beta = await dist(["feed", "verify", `${NAME}@beta`, "--repository", "team"], { server: stage.proxy.target });
      assert.match(beta.stderr, /code: repository\/not-found/);
    }),
  );

  it("says that a feed has nothing of it, and is content with that", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.publish("1.0.0", { packages: [{ file: "lantern.txt", bytes: Buffer.from("a lantern"), program: Buffer.alloc(0) }] });
      const { stdout } = await stage.dist("feed", "verify", STABLE);
      for (const feed of ["apt", "oci", "npm", "pypi"]) assert.match(stdout, new RegExp(`^${feed} +nothing of it$`, "m"));
      assert.match(stdout, /^github +lantern\.txt +1\.0\.0 +good /m);
    }),
  );

  it("tells a network that fails, and a token that is missing, from bytes that are wrong", PATIENCE, () =>
    onStage(
      async (stage) => {
        await stage.publish("1.0.0");
        const { target: server } = stage.proxy;
        const without = await dist(["feed", "verify", STABLE], { server, token: "" });
        assert.match(without.stderr, /code: auth\/required/);
        const stranger = await stage.dist("app", "create", "other").then(() => stage.readToken("other"));
        assert.match((await dist(["feed", "verify", STABLE], { server, token: stranger })).stderr, /code: app\/not-found/);
        await stage.proxy.stop();
        const ran = await verify(stage);
        assert.equal(ran.code, 30, ran.stderr);
        assert.equal(ran.json<{ code: string }>().code, "network/unreachable");
      },
      { access: "members" },
    ),
  );

  it("names what it cannot look at", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.dist("app", "create", NAME, "--access", "public");
      const codeOf = async (...args: readonly string[]): Promise<string | undefined> =>
        /^code: (\S+)$/m.exec((await dist(["feed", "verify", ...args], { server: stage.proxy.target })).stderr)?.[1];
      assert.equal(await codeOf(STABLE), "channel/not-found");
      assert.equal(await codeOf("nobody@stable"), "app/not-found");
      for (const wrong of [NAME, "@stable", `${NAME}@`, "a@b@c"]) assert.equal(await codeOf(wrong), "usage/invalid");
    }),
  );
});

describe("dist ci publish --verify", () => {
  const publish = (stage: Stage, change: Readonly<Record<string, unknown>> = {}, token?: string): Promise<Ran> => {
    const packages = allPackages("1.0.0");
    const manifest = {
      app: NAME,
      access: "public",
      version: "1.0.0",
      channel: CHANNEL,
      artifacts: packages.map(({ file }) => ({ path: file })),
    };
    const files = Object.fromEntries(packages.map(({ file, bytes }) => [file, bytes] as const));
    return inFolder({ ...files, "dist.json": JSON.stringify({ ...manifest, ...change }) }, (cwd) =>
      dist(["ci", "publish", "--verify", "--json"], { server: stage.proxy.target, cwd, ...(token !== undefined && { token }) }),
    );
  };

  it("ends well when every feed gives what was published, also the second time", PATIENCE, () =>
    onStage(async (stage) => {
      for (let count = 0; count < 2; count++) {
        const ran = await publish(stage);
        assert.equal(ran.code, 0, ran.stderr);
        const document = publishDocumentSchema.strict().parse(ran.json<PublishDocument>());
        assert.deepEqual(feedsOf({ feeds: document.feeds ?? [] }), { bad: [], good: ["apt", "npm", "pypi", "github"] });
      }
    }),
  );

  it("ends with 20 when one does not, and says what was published all the same", PATIENCE, () =>
    onStage(async (stage) => {
      spoil(stage.proxy, /^\/pypi\/.*\.whl$/);
      const ran = await publish(stage);
      assert.equal(ran.code, 20, ran.stderr);
      assert.match(
        ran.stderr,
        /^error: pypi does not give lantern-1\.0\.0-py3-none-any\.whl as released: http\S+: its SHA-256 is \S+, not \S+$/m,
      );
      const { release, channel, feeds = [] } = ran.json<PublishDocument>();
      assert.deepEqual([release.status, channel?.sequence, feedsOf({ feeds }).bad], ["published", 1, ["pypi"]]);
    }),
  );

  it("ends with 30 when the feeds cannot be reached, and says what was published all the same", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.proxy.stop();
      const ran = await publish(stage);
      assert.equal(ran.code, 30, ran.stderr);
      assert.deepEqual([ran.json<PublishDocument>().release.status, ran.json<PublishDocument>().feeds], ["published", undefined]);
    }),
  );

  it("looks at nothing when nothing was promoted, and wants a channel", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.dist("app", "create", NAME, "--access", "public");
      const created = await stage.dist("token", "create", "--app", NAME, "--scope", "publish", "--expires", "1h", "--json");
      const ran = await publish(stage, {}, created.json<{ secret: string }>().secret);
      assert.equal(ran.code, 3, ran.stderr);
      assert.equal(ran.json<PublishDocument>().feeds, undefined);
      const homeless = await publish(stage, { channel: undefined, version: "2.0.0" });
      assert.match(homeless.stderr, /code: usage\/invalid/);
      const { releases } = (await stage.dist("release", "list", NAME, "--json")).json<{ releases: { version: string }[] }>();
      assert.deepEqual(
        releases.map(({ version }) => version),
        ["1.0.0"],
      );
    }),
  );
});
