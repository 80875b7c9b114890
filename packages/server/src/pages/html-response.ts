import { createHash } from "node:crypto";
import { styles } from "./styles.ts";

const styleHash = createHash("sha256").update(styles).digest("base64");

/** A whole page. `body` is rendered JSX, whose texts are escaped; nothing else may be put in. */
export function htmlResponse(title: string, body: { toString(): string }): Response {
  const safeTitle = title.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><title>${safeTitle}</title><style>${styles}</style></head><body>${body.toString()}</body></html>`;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}
