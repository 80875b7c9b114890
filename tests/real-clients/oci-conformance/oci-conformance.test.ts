// The distribution specification's own suite, against an app whose images are kept as they are. The suite is source code that no registry of
// packages has: DISTD_OCI_CONFORMANCE names its built program (`go build` in `conformance/` of opencontainers/distribution-spec).
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dist } from "../../support/dist.ts";
import { ADMIN_TOKEN, withServer } from "../../support/server.ts";
import { inHome } from "../client.ts";

const SUITE = process.env["DISTD_OCI_CONFORMANCE"];
if (SUITE === undefined) console.warn("skipped: the OCI conformance suite: DISTD_OCI_CONFORMANCE names none");
/** Everything the suite can ask for, beside what it asks for by itself. */
const OPTIONS = {
  OCI_VERSION: "dev",
  OCI_API_BLOBS_UPLOAD_CANCEL: "true",
  OCI_API_BLOBS_DIGEST_HEADER: "true",
  OCI_API_MANIFESTS_DIGEST_HEADER: "true",
  OCI_API_MANIFESTS_TAG_PARAM: "true",
};

void describe("OCI conformance", { skip: SUITE === undefined }, () => {
  void it("is complete", { timeout: 300_000 }, () =>
    withServer((server) =>
      inHome(async (home) => {
        await dist(["app", "create", "conformance"], { server: server.url });
        await dist(["app", "policy", "conformance", "--registry", "raw"], { server: server.url });
        const registry = {
          OCI_REGISTRY: new URL(server.url).host,
          OCI_TLS: "disabled",
          OCI_REPO1: "conformance/one",
          OCI_REPO2: "conformance/two",
          OCI_USERNAME: "any",
          OCI_PASSWORD: ADMIN_TOKEN,
        };
        const { stdout } = await home.run([SUITE ?? ""], { env: { ...OPTIONS, ...registry } });
        const count = (name: string): number => Number(new RegExp(`^ *${name}\\.+: +(\\d+)$`, "m").exec(stdout)?.[1] ?? Number.NaN);
        assert.deepEqual([count("FAIL"), count("Error")], [0, 0], stdout);
        assert.ok(count("Total") > 800, stdout);
      }),
    ),
  );
});
