import { DistError } from "@distd/core";
import { promote } from "../channels/promote.ts";
import type { Caller, Instance } from "../instance.ts";
import { findOwner } from "../repositories/package-names.ts";
import { findRepository } from "../repositories/repositories.ts";

/** Promotes a version by the name of a package, as an ecosystem's own tools know it. */
export async function promotePackage(
  instance: Instance,
  caller: Caller,
  { repository, ecosystem, name, version, channel }: Readonly<Record<"repository" | "ecosystem" | "name" | "version" | "channel", string>>,
): Promise<void> {
  const row = await findRepository(instance.db.read, repository);
  const owner = row && (await findOwner(instance.db.read, row, ecosystem, name));
  if (!owner) throw new DistError("feed/not-found", `there is no package '${name}'`);
  await promote(instance, caller, owner.slug, channel, { release: version, exact: false, once: false });
}
