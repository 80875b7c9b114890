import { DistError } from "@distd/core";
import type { RepositoryDocument } from "@distd/core/wire";
import type { Command } from "../command.ts";
import { renderRepositories } from "../output/render-repository.ts";

export const repoCreate: Command = {
  name: ["repo", "create"],
  summary: "Make a repository of some apps or channels",
  positionals: [{ name: "NAME", count: "one" }],
  options: {
    member: { type: "string", value: "APP[@CHANNEL]", summary: "an app, or one channel of it; may be given several times", multiple: true },
  },
  async run({ args, options, output, connect }) {
    const [name = ""] = args;
    const members = options("member");
    if (members.length === 0)
      throw new DistError("usage/invalid", "a repository needs a member", { hint: `dist repo create ${name} --member APP` });
    const repository = await connect().post<RepositoryDocument>("/api/v1/repositories", { name, members });
    output.result(repository, renderRepositories([repository]));
    return 0;
  },
};
