import type { ComposeProject, ComposeRuntime } from "../compose-runtime.ts";
import { createContainer, removeContainer, startContainer } from "./containers.ts";
import type { EngineClient } from "./engine-client.ts";
import { unlessGone } from "./unless-gone.ts";

/** On the network and the containers of a project. */
const LABEL = "distd.project";

export function projectCalls(client: EngineClient): Pick<ComposeRuntime, "startProject" | "removeProject"> {
  return {
    startProject: (project) => startProject(client, project),
    removeProject: (name) => removeProject(client, name),
  };
}

async function startProject(client: EngineClient, { name, services }: ComposeProject): Promise<Readonly<Record<string, string>>> {
  // The network is what claims the name: nothing of another project of that name is touched below.
  await client.json({
    method: "POST",
    path: "/networks/create",
    body: { Name: name, CheckDuplicate: true, Labels: { [LABEL]: name } },
    refusals: { 409: "runtime/name-in-use" },
  });
  try {
    const ids: Record<string, string> = {};
    for (const [service, spec] of Object.entries(services)) {
      const labels = { ...spec.labels, [LABEL]: name };
      const id = await createContainer(client, { ...spec, labels, name: `${name}-${service}`, network: name, networkAliases: [service] });
      await startContainer(client, id);
      ids[service] = id;
    }
    return ids;
  } catch (error) {
    await removeProject(client, name);
    throw error;
  }
}

async function removeProject(client: EngineClient, name: string): Promise<void> {
  const filters = JSON.stringify({ label: [`${LABEL}=${name}`] });
  type Listed = readonly { readonly Id: string; readonly Labels: Readonly<Record<string, string>> | null }[];
  const list = async (path: string): Promise<Listed> =>
    (await client.json<Listed>({ method: "GET", path, query: { all: "true", filters } })).filter(({ Labels }) => Labels?.[LABEL] === name);
  for (const { Id } of await list("/containers/json")) await unlessGone(removeContainer(client, Id, { force: true, volumes: true }));
  for (const { Id } of await list("/networks"))
    await unlessGone(client.json({ method: "DELETE", path: `/networks/${Id}`, refusals: { 404: "runtime/container-not-found" } }));
}
