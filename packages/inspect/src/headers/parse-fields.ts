import { broken } from "../broken.ts";

export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

const MAX_FIELDS = 10_000;

/**
 * `Name: value` lines until the first empty line; a line that begins with a blank continues the one before, even if nothing follows. Debian's control files (deb822)
 * and Python's core metadata are written like this. Values keep their line breaks; a continued line loses its blanks.
 */
export function parseFields(text: string): readonly HeaderField[] {
  const fields: { name: string; value: string }[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line === "") {
      if (fields.length > 0) break;
      continue;
    }
    const last = fields.at(-1);
    if (last === undefined && line.trim() === "") continue;
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (last === undefined) throw broken("the fields begin with a continued line");
      last.value += `\n${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 1) throw broken(`a line has no field name: ${JSON.stringify(line.slice(0, 80))}`);
    if (fields.length === MAX_FIELDS) throw broken(`more than ${MAX_FIELDS} fields`);
    fields.push({ name: line.slice(0, colon), value: line.slice(colon + 1).trim() });
  }
  return fields;
}

/** The value of a field that may stand once; names are the same in any case. Absent and empty are the same. */
export function oneField(fields: readonly HeaderField[], name: string): string | undefined {
  const found = fields.filter((field) => field.name.toLowerCase() === name.toLowerCase());
  if (found.length > 1) throw broken(`the field ${name} stands there ${found.length} times`);
  return found[0]?.value || undefined;
}

export function allFields(fields: readonly HeaderField[], name: string): readonly string[] {
  return fields.filter((field) => field.name.toLowerCase() === name.toLowerCase()).map(({ value }) => value);
}
