// Any file: nothing is read from it. The last of the registry, for what no other format claims.
import type { Inspector } from "../../inspector.ts";

export const file: Inspector = {
  id: "file",
  factsVersion: 1,
  extensions: [],
  sniff: () => "yes",
  async inspect() {
    return {
      format: file.id,
      factsVersion: file.factsVersion,
      platform: "any",
      architectures: ["any"],
      signing: { state: "unsigned", schemes: [], certificates: [] },
      problems: [],
      details: {},
    };
  },
};
