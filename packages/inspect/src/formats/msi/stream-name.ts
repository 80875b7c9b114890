/** Windows Installer packs two letters of table and stream names into one UTF-16 unit, so that they fit a compound file's 31. */
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
const FIRST_PAIR = 0x3800;
const FIRST_SINGLE = 0x4800;
const TABLE_MARK = 0x4840;

export interface StreamName {
  readonly name: string;
  /** It is a table of the database, not a stream of its own. */
  readonly isTable: boolean;
}

export function parseStreamName(packed: string): StreamName {
  const isTable = packed.charCodeAt(0) === TABLE_MARK;
  let name = "";
  for (const unit of isTable ? packed.slice(1) : packed) {
    const code = unit.charCodeAt(0);
    if (code >= FIRST_PAIR && code < FIRST_SINGLE) name += letter(code - FIRST_PAIR) + letter((code - FIRST_PAIR) >> 6);
    else if (code >= FIRST_SINGLE && code < TABLE_MARK) name += letter(code - FIRST_SINGLE);
    else name += unit;
  }
  return { name, isTable };
}

function letter(value: number): string {
  return LETTERS[value & 0x3f] as string;
}
