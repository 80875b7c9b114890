import type { DistError, ErrorCode } from "@distd/core";
import { asServerError } from "../problem-response.ts";

/** Our codes in the specification's words; others by their status. */
const CODES: Partial<Record<ErrorCode, string>> = {
  "image/manifest-unknown": "MANIFEST_UNKNOWN",
  "image/manifest-invalid": "MANIFEST_INVALID",
  "image/blob-unknown": "BLOB_UNKNOWN",
  "image/tag-refused": "TAG_INVALID",
  "blob/digest-mismatch": "DIGEST_INVALID",
  "upload/not-found": "BLOB_UPLOAD_UNKNOWN",
  "upload/offset-mismatch": "BLOB_UPLOAD_INVALID",
  "app/not-found": "NAME_UNKNOWN",
  "repository/not-found": "NAME_UNKNOWN",
  "feed/not-found": "MANIFEST_UNKNOWN",
  "store/quota-exceeded": "DENIED",
  "release/conflict": "DENIED",
  "name/taken": "DENIED",
  "gate/refused": "DENIED",
};
const BY_STATUS: Readonly<Record<number, string>> = {
  400: "UNSUPPORTED",
  401: "UNAUTHORIZED",
  403: "DENIED",
  404: "NAME_UNKNOWN",
  429: "TOOMANYREQUESTS",
};
/** Statuses the specification names where ours differ. */
const STATUS: Partial<Record<ErrorCode, number>> = { "blob/digest-mismatch": 400, "upload/offset-mismatch": 416 };

/** A failure as registry clients show it. */
export function registryProblem(thrown: unknown): { readonly error: DistError; readonly response: Response } {
  const error = asServerError(thrown);
  const status = STATUS[error.code] ?? error.entry.status;
  const code = CODES[error.code] ?? BY_STATUS[status] ?? "UNKNOWN";
  const message = error.hint === "" ? error.message : `${error.message} (${error.hint})`;
  const body = { errors: [{ code, message, detail: { code: error.code, ...error.details } }] };
  return { error, response: Response.json(body, { status, headers: { "cache-control": "no-store" } }) };
}
