/** What was found out of headers that were seen: clients of one kind send the same. */
const known = new Map<string, string>();
const MAX_KNOWN = 1_000;

/** The first of `offered` that the header likes best; the first of all when it says nothing about them. */
export function preferred<T extends string>(accept: string, offered: readonly [T, ...T[]]): T {
  const key = `${accept} ${offered.length} ${offered.join()}`;
  const before = known.get(key);
  if (before !== undefined) return before as T;
  const best = choose(accept, offered);
  if (known.size >= MAX_KNOWN) known.clear();
  if (key.length < MAX_KNOWN) known.set(key, best);
  return best;
}

function choose<T extends string>(accept: string, offered: readonly [T, ...T[]]): T {
  const ranges = accept.split(",").map((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    return { type, quality: q === undefined ? 1 : Number(q.slice(2)) };
  });
  const quality = (type: string): number => {
    const bare = type.split(";")[0]?.toLowerCase() ?? "";
    const matches = [bare, `${bare.split("/")[0]}/*`, "*/*"].map((pattern) => ranges.find((range) => range.type === pattern));
    return matches.find((match) => match !== undefined)?.quality ?? 0;
  };
  let best: T = offered[0];
  for (const type of offered) if (quality(type) > quality(best)) best = type;
  return best;
}
