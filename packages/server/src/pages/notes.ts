import { micromark } from "micromark";

/** No HTML of the author's, and no images: nothing is asked of anybody else's server. */
const SAFE = { extensions: [{ disable: { null: ["htmlFlow", "htmlText", "labelStartImage"] } }] };
/** Headings of notes stand below the page's own. */
const HEADINGS: Readonly<Record<string, string>> = { h1: "h3", h2: "h3", h3: "h4", h4: "h5", h5: "h6", h6: "h6" };

export interface Notes {
  /** Only tags that Markdown makes; everything the author wrote is text. */
  readonly html: string;
  /** There is more than `limit`. */
  readonly isCut: boolean;
}

/** Release notes as HTML. `limit`: about so many letters of them, to the end of a paragraph. */
export function renderNotes(markdown: string, limit = Number.POSITIVE_INFINITY): Notes {
  const end = markdown.length <= limit ? -1 : markdown.indexOf("\n\n", limit);
  const text = end === -1 ? markdown : markdown.slice(0, end);
  return { html: restrict(micromark(text, SAFE)), isCut: text.length < markdown.length };
}

/** Of micromark's own tags: whatever the author wrote comes escaped. */
function restrict(html: string): string {
  return html
    .replace(/<(\/?)(h[1-6])>/g, (_, slash: string, tag: string) => `<${slash}${HEADINGS[tag]}>`)
    .replace(/<a href="([^"]*)"/g, (_, href: string) =>
      /^(?:https?|mailto):/i.test(href) ? `<a rel="nofollow noreferrer" href="${href}"` : "<a",
    );
}
