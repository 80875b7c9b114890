import { decodeUtf8, DistError } from "@distd/core";
import type { z } from "zod";

const MAX_JSON_BYTES = 1024 * 1024;

/** `maxBytes` are counted, whatever the headers say; `hint` is for who sends more. */
export async function readJson(
  request: Request,
  { maxBytes = MAX_JSON_BYTES, hint }: { readonly maxBytes?: number; readonly hint?: string } = {},
): Promise<{ readonly text: string; readonly value: unknown }> {
  // No body at all is an empty object: some operations need none.
  if (request.body === null) return { text: "", value: {} };
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\b/i.test(type))
    throw new DistError("usage/invalid", `the content type is '${type.slice(0, 80)}', not application/json`);
  const tooLarge = () =>
    new DistError("upload/too-large", `the request has more than ${maxBytes} bytes`, hint === undefined ? {} : { hint });
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const text = decodeUtf8(Buffer.concat(chunks));
  try {
    return { text, value: JSON.parse(text, wellFormed) };
  } catch (cause) {
    if (cause instanceof DistError) throw cause;
    throw new DistError("usage/invalid", "the request is not JSON", { cause });
  }
}

/** An escape may write half a surrogate pair, which no database or client can keep. */
function wellFormed(_key: string, value: unknown): unknown {
  if (typeof value === "string" && !value.isWellFormed())
    throw new DistError("text/invalid-utf8", "the request holds half a surrogate pair");
  return value;
}

/** The value as its schema reads it; `usage/invalid` names the first field that is wrong, details all of them. */
export function validate(schema: z.ZodType, value: unknown, what: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => ({ field: issue.path.join("."), message: issue.message }));
  const [first] = problems;
  throw new DistError("usage/invalid", `${what}: ${first?.field ? `${first.field}: ` : ""}${first?.message}`, { details: { problems } });
}
