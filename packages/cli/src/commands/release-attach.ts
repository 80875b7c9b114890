import { basename } from "node:path";
import type { ReleaseDocument } from "@distd/core/wire";
import { findRelease, releasePath } from "../api/paths.ts";
import { uploadAll } from "../api/upload-all.ts";
import type { Command } from "../command.ts";
import { renderRelease } from "../output/render-release.ts";
import { withLocalFiles } from "../files/local-files.ts";

export const releaseAttach: Command = {
  name: ["release", "attach"],
  summary: "Upload files and attach them to a draft, all or none",
  positionals: [
    { name: "ID", count: "one" },
    { name: "FILE", count: "many" },
  ],
  options: {
    part: { type: "string", value: "NAME", summary: "the declared part these files complete" },
    platform: { type: "string", value: "NAME", summary: "platform, where the bytes do not say" },
    arch: { type: "string", value: "NAME", summary: "architecture, where the bytes do not say" },
    variant: { type: "string", value: "NAME", summary: "libc, ABI, flavour or quantisation" },
    role: { type: "string", value: "NAME", summary: "install, update, portable, symbols, sbom, signature or metadata" },
  },
  async run({ args, option, output, connect, signal }) {
    const [reference = "", ...paths] = args;
    const api = connect();
    const draft = await findRelease(api, reference);
    return withLocalFiles(paths, signal, async (files) => {
      await uploadAll(api, draft.app, files, output, signal);
      const stated = { platform: option("platform"), arch: option("arch"), variant: option("variant"), role: option("role") };
      const artifacts = files.map(({ file }) => ({ name: basename(file.path), digest: `sha256:${file.sha256}`, ...stated }));
      const release = await api.post<ReleaseDocument>(`${releasePath(draft)}/artifacts`, { artifacts, part: option("part") });
      output.result(release, renderRelease(release));
      return 0;
    });
  },
};
