import { renderSha256 } from "@distd/core";
import type { ReadyFile } from "../files/local-files.ts";
import type { Output } from "../output/output.ts";
import { createProgress } from "../output/progress.ts";
import type { Api } from "./api.ts";
import { appPath } from "./paths.ts";
import { uploadFile } from "./upload.ts";

const PARALLEL = 3;

/** Brings to the server what it does not have of these files, several at a time. */
export async function uploadAll(api: Api, slug: string, files: readonly ReadyFile[], output: Output, signal: AbortSignal): Promise<void> {
  const distinct = [...new Map(files.map((ready) => [ready.file.sha256, ready])).values()];
  if (distinct.length === 0) return;
  const { have } = await api.post<{ have: string[] }>(`${appPath(slug)}/have`, {
    digests: distinct.map(({ file }) => renderSha256(file.sha256)),
  });
  const missing = distinct.filter(({ file }) => !have.includes(renderSha256(file.sha256)));
  if (missing.length === 0) return;
  const progress = createProgress(
    output,
    missing.map(({ file }) => ({ name: file.name, size: file.size })),
  );
  const queue = [...missing];
  const failed = new AbortController();
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { file, source } = next;
      await uploadFile(api, slug, file, source, {
        signal: AbortSignal.any([signal, failed.signal]),
        onProgress: (done) => progress.update(file.name, done),
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(PARALLEL, missing.length) }, worker));
  } catch (error) {
    failed.abort();
    throw error;
  } finally {
    progress.finish();
  }
}
