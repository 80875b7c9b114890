import { broken } from "../broken.ts";
import { parseBinaryPlist } from "./binary-plist.ts";
import { isDict, type PlistDict } from "./plist-value.ts";

export const MAX_PLIST_BYTES = 4 * 1024 * 1024;

/** A property list whose root is a dictionary, XML or binary; all that Apple's bundles hold are. */
export async function parsePlist(bytes: Uint8Array, maxDepth: number, what: string): Promise<PlistDict> {
  if (bytes.length > MAX_PLIST_BYTES) throw broken(`${what} has ${bytes.length} bytes, at most ${MAX_PLIST_BYTES} are read`);
  const isBinary = Buffer.from(bytes.subarray(0, 6)).toString("latin1") === "bplist";
  const root = isBinary ? parseBinaryPlist(bytes, maxDepth) : await parseXml(bytes, maxDepth);
  if (!isDict(root)) throw broken(`${what} is not a dictionary`);
  return root;
}

// The XML parser is loaded with the first XML list: most lists are binary, and it costs an idle server some megabytes.
async function parseXml(bytes: Uint8Array, maxDepth: number) {
  const { parseXmlPlist } = await import("./xml-plist.ts");
  return parseXmlPlist(bytes, maxDepth);
}
