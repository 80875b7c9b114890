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
