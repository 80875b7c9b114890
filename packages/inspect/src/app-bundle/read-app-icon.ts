import { MAX_ICON_BYTES } from "../icons/zip-icon.ts";
import type { AppFiles } from "./app-files.ts";

export async function readAppIcon(files: AppFiles | undefined, icon: string): Promise<Uint8Array | undefined> {
  const opened = await files?.open(icon);
  if (opened === undefined) return undefined;
  const { source, readableBytes } = opened;
  try {
    return source.size > Math.min(MAX_ICON_BYTES, readableBytes) ? undefined : await source.read(0, source.size);
  } finally {
    await opened.close();
  }
}
