import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ContainerRuntime } from "@distd/runtime";
import { CONFORMANCE_CASES, LABEL, type World } from "@distd/runtime/conformance";
import { isHere } from "../real-clients/client.ts";
import { dockerEngine } from "./docker-engine.ts";
import { podman } from "./podman.ts";
import { readTable, renderTable, type Outcomes } from "./table.ts";

const BACKENDS = [dockerEngine, podman];
const TITLES = CONFORMANCE_CASES.map(({ title }) => title);
const PAGE = join(import.meta.dirname, "../../docs/runtimes.md");
const LONG = { timeout: 60_000 };

const page = readFileSync(PAGE, "utf8");
const ran: Record<string, Outcomes> = {};

for (const backend of BACKENDS) {
  describe(backend.name, { skip: !isHere(backend) }, () => {
    const outcomes: Record<string, string> = {};
    let world: World;
    let runtime: ContainerRuntime;
    before(async () => {
      world = await backend.start();
      runtime = await world.open();
    });
    after(async () => {
      ran[backend.name] = outcomes;
      await runtime.close();
      await world.stop();
    });

    for (const { title, needs, run } of CONFORMANCE_CASES) {
      it(title, LONG, async () => {
        const shortfall = backend.shortfalls[title];
        if (shortfall !== undefined) {
          outcomes[title] = `no: ${shortfall}`;
          await assert.rejects(run(runtime, world, backend), "it holds by now");
          return;
        }
        outcomes[title] = "fails";
        if (needs !== undefined && !runtime.capabilities[needs]) {
          outcomes[title] = "has not";
          return;
        }
        await run(runtime, world, backend);
        assert.equal(await runtime.findContainerByLabel(LABEL, "1"), null, "a container is left");
        outcomes[title] = "holds";
      });
    }
  });
}

describe("docs/runtimes.md", () => {
  it("says what ran: every case, and of the backends that are here what came out", () => {
    const written = readTable(page);
    const table = renderTable(TITLES, { ...written, ...ran });
    for (const { shortfalls } of BACKENDS) for (const title of Object.keys(shortfalls)) assert.ok(TITLES.includes(title), title);
    console.log(table);
    if (process.env["DISTD_WRITE_TABLE"] === "1") writeFileSync(PAGE, page.replace(/\| case \|[^]*?\n(?!\|)/, table));
    else assert.deepEqual(renderTable(TITLES, written), table);
  });
});
