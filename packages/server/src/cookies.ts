/** What a personal link leaves behind in a browser, for the pages of its app. */
export const TESTER_COOKIE = "tester";
/** What signing in leaves behind: the token. */
export const MEMBER_COOKIE = "member";

const MAX_HEADER = 4096;

/** Of a `Cookie` header (RFC 6265 §4.2), the last of a name; what lies behind 4 KiB is not read. */
export function cookiesIn(header: string | null): ReadonlyMap<string, string> {
  const parts = (header ?? "").slice(0, MAX_HEADER).split(";");
  return new Map(
    parts.map((part) => {
      const [name = "", value = ""] = part.trim().split("=", 2);
      return [name, value] as const;
    }),
  );
}
