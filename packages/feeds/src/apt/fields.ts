/** Fields of a control file's form (deb822), by their names as written; continued lines stay in the value. */
export type Fields = ReadonlyMap<string, string>;

/** Undefined for what is no such text: apt refuses it, or reads something else in it. */
export function parseFields(text: string): Fields | undefined {
  const fields = new Map<string, string>();
  let last: string | undefined;
  for (const line of text.split("\n")) {
    const [, name, value = ""] = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (last !== undefined && /^[ \t]+[^ \t]/.test(line)) fields.set(last, `${fields.get(last)}\n${line}`);
    else if (name === undefined || fields.has(name)) return undefined;
    else {
      fields.set(name, value);
      last = name;
    }
  }
  return fields;
}

/** By name as apt compares them: in any case. */
export function fieldOf(fields: Fields, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [written, value] of fields) if (written.toLowerCase() === wanted) return value;
  return undefined;
}
