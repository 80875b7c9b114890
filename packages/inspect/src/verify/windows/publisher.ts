// A package's publisher is written as Windows writes names of certificates (CertNameToStr, X.500 order reversed); facts write them as
// RFC 4514 does. Both are read into the same parts.

/** Windows' names of attributes, where they are others than RFC 4514's. */
const KEYS: Readonly<Record<string, string>> = {
  S: "ST",
  STATE: "ST",
  DOMAINCOMPONENT: "DC",
  T: "2.5.4.12",
  TITLE: "2.5.4.12",
  G: "2.5.4.42",
  GIVENNAME: "2.5.4.42",
  SN: "2.5.4.4",
  I: "2.5.4.43",
  INITIALS: "2.5.4.43",
  SERIALNUMBER: "2.5.4.5",
  E: "1.2.840.113549.1.9.1",
  POSTALCODE: "2.5.4.17",
  PHONE: "2.5.4.20",
  DESCRIPTION: "2.5.4.13",
};

/** Whether a package's publisher is the subject of a certificate. */
export function isPublisher(publisher: string, subject: string): boolean {
  const stated = parts(publisher);
  const own = parts(subject);
  return stated.length > 0 && stated.length === own.length && stated.every((part, index) => part === own[index]);
}

/** `KEY=value` each, values without quotes and escapes. */
function parts(name: string): readonly string[] {
  const found: string[] = [];
  const pattern = /\s*([^=,+;]+?)\s*=\s*("(?:[^"]|"")*"|(?:\\.|[^,+;\\])*)\s*(?:[,+;]|$)/gy;
  for (let match = pattern.exec(name); match !== null; match = pattern.exec(name)) {
    const [, key = "", value = ""] = match;
    found.push(`${keyName(key)}=${plain(value)}`);
    if (pattern.lastIndex === name.length) return found;
  }
  return [];
}

function keyName(key: string): string {
  const bare = key.toUpperCase().replace(/^OID\./, "");
  return KEYS[bare] ?? bare;
}

function plain(value: string): string {
  if (value.startsWith("#")) return hexText(value) ?? value;
  if (value.startsWith('"')) return value.slice(1, -1).replaceAll('""', '"');
  return value.replace(/\\([0-9a-fA-F]{2})|\\(.)/g, (_, hex: string | undefined, letter: string) =>
    hex === undefined ? letter : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Of a string of ASN.1 in hexadecimal, short form: its text. */
function hexText(value: string): string | undefined {
  const bytes = Buffer.from(value.slice(1), "hex");
  const isText = [0x0c, 0x13, 0x16].includes(bytes[0] ?? 0) && bytes[1] === bytes.length - 2;
  return isText ? bytes.subarray(2).toString("utf8") : undefined;
}
