// The APK Signing Block as a signer writes it, with a way into each step. Digests are computed here by themselves, not by what is tested.
import { createHash, sign } from "node:crypto";
import type { TestKey } from "./test-key.ts";

export const V2 = 0x7109871a;
export const V3 = 0xf05368c0;
export const V31 = 0x1b93ad61;
export const STAMP = 0x6dff800d;
const CHUNK_BYTES = 1024 * 1024;
export const NO_END = 0x7fffffff;
export const ALGORITHM = { rsa: 0x0103, ec: 0x0201 } as const;

export const u32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * index);
  return bytes;
};
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
/** With its length before it. */
export const prefixed = (...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([u32(content.length), content]);
};

export interface Attribute {
  readonly id: number;
  readonly value: Buffer;
}

export interface SignerRecipe {
  readonly key: TestKey;
  readonly attributes?: readonly Attribute[];
  /** Of v3. */
  readonly range?: readonly [minSdk: number, maxSdk: number];
  /** What the signer says outside the signed data. */
  readonly outerRange?: readonly [minSdk: number, maxSdk: number];
  readonly certificates?: readonly Buffer[];
  readonly publicKey?: Buffer;
  readonly algorithm?: number;
  /** Of the digest record, when not as that of the signature. */
  readonly digestAlgorithm?: number;
  readonly digest?: Buffer;
  readonly signature?: (right: Buffer) => Buffer;
}

function signer(recipe: SignerRecipe, contents: Buffer, isV3: boolean): Buffer {
  const { key, attributes = [], range = [24, NO_END], certificates = [key.certificate], publicKey = key.spki } = recipe;
  const algorithm = recipe.algorithm ?? ALGORITHM[key.family];
  const digest = prefixed(u32(recipe.digestAlgorithm ?? algorithm), prefixed(recipe.digest ?? contents));
  const signedData = Buffer.concat([
    prefixed(digest),
    prefixed(...certificates.map((one) => prefixed(one))),
    ...(isV3 ? [u32(...range)] : []),
    prefixed(...attributes.map(({ id, value }) => prefixed(u32(id), value))),
  ]);
  const right = sign("sha256", signedData, key.privateKey);
  const signature = prefixed(u32(algorithm), prefixed(recipe.signature?.(right) ?? right));
  return prefixed(prefixed(signedData), ...(isV3 ? [u32(...(recipe.outerRange ?? range))] : []), prefixed(signature), prefixed(publicKey));
}

export interface BlockRecipe {
  readonly v2?: readonly SignerRecipe[];
  readonly v3?: readonly SignerRecipe[];
  readonly v31?: readonly SignerRecipe[];
  readonly others?: readonly (readonly [id: number, value: Buffer])[];
}

/** A zip, with a signing block before its directory. */
export function signBlocks(zip: Buffer, { v2, v3, v31, others = [] }: BlockRecipe): Buffer {
  const end = zip.length - 22;
  const directory = zip.readUInt32LE(end + 16);
  const contents = chunkedSha256([zip.subarray(0, directory), zip.subarray(directory, end), zip.subarray(end)]);
  const list = (signers: readonly SignerRecipe[], isV3: boolean): Buffer => prefixed(...signers.map((one) => signer(one, contents, isV3)));
  const pairs: (readonly [number, Buffer])[] = [
    ...(v2 ? [[V2, list(v2, false)] as const] : []),
    ...(v3 ? [[V3, list(v3, true)] as const] : []),
    ...(v31 ? [[V31, list(v31, true)] as const] : []),
    ...others,
  ];
  return withBlock(zip, pairs);
}

export function withBlock(zip: Buffer, pairs: readonly (readonly [id: number, value: Buffer])[]): Buffer {
  const end = zip.length - 22;
  const directory = zip.readUInt32LE(end + 16);
  const body = Buffer.concat(pairs.map(([id, value]) => Buffer.concat([u64(value.length + 4), u32(id), value])));
  const size = u64(body.length + 24);
  const block = Buffer.concat([size, body, size, Buffer.from("APK Sig Block 42")]);
  const tail = Buffer.from(zip.subarray(directory));
  tail.writeUInt32LE(directory + block.length, tail.length - 6);
  return Buffer.concat([zip.subarray(0, directory), block, tail]);
}

function chunkedSha256(sections: readonly Buffer[]): Buffer {
  const chunks = sections.flatMap((section) =>
    Array.from({ length: Math.ceil(section.length / CHUNK_BYTES) }, (_, index) =>
      section.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
    ),
  );
  const hashes = chunks.map((chunk) => createHash("sha256").update(Buffer.of(0xa5)).update(u32(chunk.length)).update(chunk).digest());
  return createHash("sha256").update(Buffer.of(0x5a)).update(u32(hashes.length)).update(Buffer.concat(hashes)).digest();
}

export const LINEAGE = 0x3ba06f8c;

/** Proof that each key handed over to the next. `by`: who signs a node, when not the key before. */
export function lineageOf(keys: readonly TestKey[], by: Readonly<Record<number, TestKey>> = {}): Attribute {
  const nodes = keys.map((key, index) => {
    const before = by[index] ?? keys[index - 1];
    const algorithm = keys[index - 1] === undefined ? 0 : ALGORITHM[(keys[index - 1] as TestKey).family];
    const signedData = Buffer.concat([prefixed(key.certificate), u32(algorithm)]);
    const signature = before === undefined ? Buffer.alloc(0) : sign("sha256", signedData, before.privateKey);
    const next = keys[index + 1] === undefined ? 0 : ALGORITHM[key.family];
    return prefixed(prefixed(signedData), u32(0x17), u32(next), prefixed(signature));
  });
  return { id: LINEAGE, value: Buffer.concat([u32(1), ...nodes]) };
}
