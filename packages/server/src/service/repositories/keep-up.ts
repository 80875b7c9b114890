import { FEEDS } from "@distd/feeds";
import { act } from "../act.ts";
import { MAIN_ORGANIZATION } from "../apps.ts";
import { type Caller, DAY_MS, type Instance, iso } from "../instance.ts";
import { reissueGeneration } from "./cut-generation.ts";
import { restate } from "./membership.ts";
import { dropReplaced } from "./replaced.ts";

const EXPIRING = FEEDS.filter(({ traits }) => traits.expires);
/** Indexes that expire are issued anew this often, so that an honest one is never near its end. */
const REISSUE_MS = DAY_MS;
/** What was replaced stays for clients that read the index before it was. */
const KEEP_MS = DAY_MS;
const KEEP_GENERATIONS = 3;

/** Issues anew what is a day old, or names another public address. One audit event for each repository; returns how many it was. */
export async function reissueRepositories(instance: Instance, caller: Caller): Promise<number> {
  let reissued = 0;
  for (const { id, address } of await staleRepositories(instance)) {
    await act(instance, caller, async (tx) => {
      const repository = await tx.selectFrom("repositories").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
      if (address === instance.baseUrl) await reissueGeneration(tx, instance, repository, { feeds: EXPIRING, reason: "reissued" });
      else await restate(tx, instance, repository);
      return {
        result: null,
        event: { action: "repository.reissue", subject: id, details: { name: repository.name, address: instance.baseUrl } },
      };
    });
    reissued += 1;
  }
  return reissued;
}

async function staleRepositories(instance: Instance): Promise<readonly { readonly id: string; readonly address: string }[]> {
  const rows = await instance.db.read
    .selectFrom("repositories")
    .innerJoin("generations", (join) =>
      join.onRef("generations.repository_id", "=", "repositories.id").onRef("generations.number", "=", "repositories.generation"),
    )
    .select(["repositories.id", "generations.base_url", "generations.issued_at"])
    .where("repositories.org_id", "=", MAIN_ORGANIZATION)
    .execute();
  const oldest = iso(instance.now() - REISSUE_MS);
  return rows
    .filter(({ base_url, issued_at }) => base_url !== instance.baseUrl || issued_at < oldest)
    .map(({ id, base_url }) => ({ id, address: base_url }));
}

/** Removes what no client can be reading any more: replaced a day ago and three generations back. */
export async function dropOldGenerations(instance: Instance): Promise<void> {
  const before = iso(instance.now() - KEEP_MS);
  const repositories = await instance.db.read.selectFrom("repositories").selectAll().where("org_id", "=", MAIN_ORGANIZATION).execute();
  for (const repository of repositories) {
    // A row that ended with generation n + 1 was last part of n.
    const when = { before, generation: repository.generation - KEEP_GENERATIONS + 1 };
    await instance.db.write((tx) => dropReplaced(tx, repository, when));
  }
}
