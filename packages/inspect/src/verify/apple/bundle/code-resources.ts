// `_CodeSignature/CodeResources`: a property list with a seal for each file of the bundle, and the rules by which files were chosen. Version 2
// (`files2`, `rules2`) knows links and nested code; version 1 neither (libsecurity_codesigning, resources.cpp, StaticCode.cpp).
import { broken } from "../../../broken.ts";
import { parsePlist } from "../../../plist/parse-plist.ts";
import { dictAt, isDict, type PlistDict, type PlistValue } from "../../../plist/plist-value.ts";
import type { HashName } from "../../public-key.ts";
import { isWeak, parseRules, type Rule } from "./rules.ts";

const MAX_DEPTH = 8;

/** Names of hashes in a seal; `hash2` is SHA-256, as code directories number it. */
const HASHES: Readonly<Record<string, { readonly name: HashName; readonly bytes: number }>> = {
  hash: { name: "sha1", bytes: 20 },
  hash2: { name: "sha256", bytes: 32 },
  hash3: { name: "sha256", bytes: 20 },
  hash4: { name: "sha384", bytes: 48 },
};

export interface SealedHash {
  readonly name: HashName;
  readonly value: Uint8Array;
}

export interface Seal {
  readonly hashes: readonly SealedHash[];
  /** Of a link: where it leads. */
  readonly link?: string;
  /** Of nested code: its name, and what it has to satisfy. */
  readonly nested?: { readonly cdhash?: string; readonly requirement: string };
  readonly isOptional: boolean;
}

export interface CodeResources {
  readonly version: 1 | 2;
  readonly seals: ReadonlyMap<string, Seal>;
  readonly rules: readonly Rule[];
  /** They leave out more than bundles usually do. */
  readonly isWeak: boolean;
}

export async function parseCodeResources(bytes: Uint8Array): Promise<CodeResources> {
  const list = await parsePlist(bytes, MAX_DEPTH, "CodeResources");
  const version = dictAt(list, "files2") === undefined ? 1 : 2;
  const files = dictAt(list, version === 2 ? "files2" : "files");
  const rules = dictAt(list, version === 2 ? "rules2" : "rules");
  if (files === undefined || rules === undefined) throw broken("CodeResources has no files, or no rules");
  const parsed = parseRules(rules);
  return {
    version,
    seals: new Map(Object.entries(files).map(([path, value]) => [path.normalize("NFC"), parseSeal(path, value)])),
    rules: parsed,
    isWeak: isWeak(parsed, version),
  };
}

function parseSeal(path: string, value: PlistValue): Seal {
  if (value instanceof Uint8Array) return { hashes: hashesOf(path, { hash: value }), isOptional: false };
  if (!isDict(value)) throw broken(`CodeResources: the seal of ${JSON.stringify(path.slice(0, 80))} is no seal`);
  const isOptional = value["optional"] === true;
  const { symlink, requirement, cdhash } = value;
  if (typeof requirement === "string") {
    const hash = cdhash instanceof Uint8Array ? Buffer.from(cdhash).toString("hex") : undefined;
    return { hashes: [], nested: { requirement, ...(hash !== undefined && { cdhash: hash }) }, isOptional };
  }
  if (typeof symlink === "string") return { hashes: [], link: symlink, isOptional };
  return { hashes: hashesOf(path, value), isOptional };
}

function hashesOf(path: string, dict: PlistDict): readonly SealedHash[] {
  const found = Object.entries(HASHES).flatMap(([key, { name, bytes }]) => {
    const value = dict[key];
    if (value === undefined) return [];
    if (!(value instanceof Uint8Array) || value.length !== bytes)
      throw broken(`CodeResources: ${key} of ${JSON.stringify(path)} is no hash`);
    return [{ name, value }];
  });
  if (found.length === 0) throw broken(`CodeResources: the seal of ${JSON.stringify(path.slice(0, 80))} has no hash`);
  return found;
}
