import { DistError, type Problem, toProblem } from "@distd/core";
import { isNoRoom } from "../blobs/fs/store-error.ts";

/** RFC 9457 answer for a failure. */
export function problemResponse(error: DistError, requestId: string): Response {
  const problem: Problem & { instance: string } = { ...toProblem(error), instance: `urn:distd:request:${requestId}` };
  const headers = new Headers({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  if (problem.status === 401) headers.set("www-authenticate", 'Bearer realm="distd"');
  if (problem.status === 503 || problem.status === 507) headers.set("retry-after", problem.status === 503 ? "1" : "60");
  if (problem.status === 429) headers.set("retry-after", "60");
  const offset = error.details["offset"];
  if (error.code === "upload/offset-mismatch" && typeof offset === "number") headers.set("upload-offset", String(offset));
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

/** What a thrown thing means to the client. Anything unknown is the server's fault, and its text stays in the log. */
export function asServerError(thrown: unknown): DistError {
  if (thrown instanceof DistError) return thrown;
  if (isNoRoom(thrown)) return new DistError("store/no-room", "the disk of the data folder is full", { cause: thrown });
  const code = (thrown as { code?: string }).code ?? "";
  if (code === "SQLITE_BUSY" || /^(?:08|53|57P|40)/.test(code) || code === "ECONNREFUSED") {
    return new DistError("server/unavailable", "the database does not answer right now", { cause: thrown });
  }
  return new DistError("server/failed", "the server failed to answer", { cause: thrown });
}
