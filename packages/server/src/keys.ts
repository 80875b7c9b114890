import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { DistError } from "@distd/core";

/** The instance's Ed25519 key, made on the first start: PKCS 8 in PEM, readable by the owner only. */
export function openInstanceKey(path: string): KeyObject {
  if (!existsSync(path)) writeInstanceKey(path, generateKeyPairSync("ed25519").privateKey);
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  const key = createPrivateKey(readFileSync(path));
  if (key.asymmetricKeyType !== "ed25519") throw new DistError("config/invalid", `${path} is not an Ed25519 key`);
  return key;
}

/** Durable when it returns: the key must not be lost once something is signed with it. */
export function writeInstanceKey(path: string, key: KeyObject): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, key.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  for (const folder of [dirname(path), dirname(dirname(path))]) {
    const handle = openSync(folder, "r");
    fsyncSync(handle);
    closeSync(handle);
  }
}
