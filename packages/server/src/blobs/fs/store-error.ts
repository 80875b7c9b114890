import { DistError } from "@distd/core";

const noRoom = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Runs an act of the store; a full disk or used-up quota becomes `store/no-room`. */
export async function asStoreError<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (isNoRoom(error)) throw new DistError("store/no-room", "the disk of the data folder is full", { cause: error });
    throw error;
  }
}

/** Also recognises SQLite's own word for it. */
export function isNoRoom(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return noRoom.has(code ?? "") || code === "SQLITE_FULL" || /database or disk is full/.test(message ?? "");
}
