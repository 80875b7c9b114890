import { decodeUtf8 } from "@distd/core";
import type { FeedAnswer, FeedReader } from "../feed.ts";
import { FeedMismatch } from "./feed-mismatch.ts";

/** One document, such as a release or a key. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
/** An index that grows with the number of versions. */
export const MAX_INDEX_BYTES = 64 * 1024 * 1024;

export type FoundFile = Extract<FeedAnswer, { kind: "file" }>;

export interface IndexRequest {
  readonly accept?: string;
  readonly maxBytes?: number;
}

/** A file that has to be there. */
export async function readIndex(
  reader: FeedReader,
  url: string,
  { accept, maxBytes = MAX_INDEX_BYTES }: IndexRequest = {},
): Promise<FoundFile> {
  const answer = await reader.read(url, { maxBytes, ...(accept !== undefined && { accept }) });
  if (answer.kind === "nothing") throw new FeedMismatch("missing", url, "there is nothing");
  if (answer.kind === "too-large") throw new FeedMismatch("too-large", url, `it has more than ${maxBytes} bytes`);
  return answer;
}

export async function readTextIndex(reader: FeedReader, url: string, request?: IndexRequest): Promise<string> {
  return textOfFile(url, await readIndex(reader, url, request));
}

export async function readJsonIndex(reader: FeedReader, url: string, request?: IndexRequest): Promise<unknown> {
  return jsonOfFile(url, await readIndex(reader, url, request));
}

export function textOfFile(url: string, { bytes }: Pick<FoundFile, "bytes">): string {
  try {
    return decodeUtf8(bytes);
  } catch {
    throw new FeedMismatch("unreadable", url, "it is not UTF-8");
  }
}

export function jsonOfFile(url: string, file: Pick<FoundFile, "bytes">): unknown {
  const text = textOfFile(url, file);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new FeedMismatch("unreadable", url, "it is not JSON");
  }
}
