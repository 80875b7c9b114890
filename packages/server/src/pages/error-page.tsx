/** @jsxImportSource hono/jsx */
import type { DistError, ErrorCode } from "@distd/core";
import { pageResponse } from "./frame.tsx";
import type { Visit } from "./visit.ts";
import type { ErrorKind } from "./words/index.ts";

/** Codes that have a page of their own; the rest by their status. */
const KINDS: Readonly<Partial<Record<ErrorCode, ErrorKind>>> = {
  "auth/required": "notOpen",
  "auth/invalid": "notOpen",
  "release/quarantined": "quarantined",
  "link/ended": "linkEnded",
};

function kindOf(code: ErrorCode, status: number): ErrorKind {
  const known = KINDS[code];
  if (known !== undefined) return known;
  if (status === 410) return "gone";
  if (status === 429) return "tooMany";
  return status < 500 ? "notFound" : "failed";
}

/** A failure as a page: what happened and what to do. What a server says of itself stays in its log. */
export function errorPage(visit: Visit, error: DistError): Response {
  const { words } = visit;
  const { title, text } = words.errors[kindOf(error.code, error.entry.status)];
  const { contact, reason, instead } = error.details;
  const needsToken = error.entry.status === 401;
  return pageResponse(
    visit,
    { title, status: error.entry.status },
    <>
      <h1>{title}</h1>
      <div class="act">
        <p>{text}</p>
        {typeof reason === "string" && <p>{reason}</p>}
        {typeof instead === "string" && (
          <p>
            <a href={instead}>{words.replacement}</a>
          </p>
        )}
        {typeof contact === "string" && <p>{words.ask(contact)}</p>}
      </div>
      {needsToken && (
        <p class="more">
          <a href={`/sign-in?to=${encodeURIComponent(visit.path)}`}>{words.signIn.haveToken}</a>
        </p>
      )}
      <p class="more">
        <a href="/">{words.back}</a>
      </p>
      <p class="more muted mono">{error.code}</p>
    </>,
  );
}
