/** Values of a document that anybody may have written: what is not of the kind asked for is as good as not there. */
export type JsonObject = { readonly [key: string]: unknown };

export function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A size, as text to be compared and shown. */
export function countOf(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
