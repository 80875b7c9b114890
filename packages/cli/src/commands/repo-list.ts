import type { RepositoryDocument } from "@distd/core/wire";
import type { Command } from "../command.ts";
import { renderRepositories } from "../output/render-repository.ts";

export const repoList: Command = {
  name: ["repo", "list"],
  summary: "Repositories you may read",
  positionals: [],
  options: {},
  async run({ output, connect }) {
    const { repositories } = await connect().get<{ repositories: RepositoryDocument[] }>("/api/v1/repositories");
    output.result({ repositories }, renderRepositories(repositories));
    return 0;
  },
};
