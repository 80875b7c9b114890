// Addresses that carry a right in themselves, for installers that send neither cookies nor credentials: one file, one person, some hours.
import { createHmac, hkdfSync, type KeyObject, timingSafeEqual } from "node:crypto";

/** What the address is for: nothing else can be had by it. */
export const CAPABILITY_KINDS = ["manifest", "icon", "install", "download"] as const;
export type CapabilityKind = (typeof CAPABILITY_KINDS)[number];

export interface Capability {
  readonly kind: CapabilityKind;
  /** Id of the tester's link or of the token, which is judged again each time; empty: whoever asks. */
  readonly bearer: string;
  readonly app: string;
  readonly artifact: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

export interface Capabilities {
  render(capability: Capability): string;
  /** `ended`: its time is over. Undefined: not made here, or changed. */
  parse(text: string, now: number): Capability | "ended" | undefined;
}

const VERSION = "1";
const FIELDS = 6;
const MAX_CHARACTERS = 600;

/** Made with a key of its own, drawn from the instance's. */
export function createCapabilities(instanceKey: KeyObject): Capabilities {
  const key = Buffer.from(hkdfSync("sha256", instanceKey.export({ format: "der", type: "pkcs8" }), "", "distd capabilities", 32));
  const sign = (body: Buffer): Buffer => createHmac("sha256", key).update(body).digest();
  return {
    render({ kind, bearer, app, artifact, expiresAt }) {
      const body = join([VERSION, kind, bearer, app, artifact, String(expiresAt)]);
      return Buffer.concat([sign(body), body]).toString("base64url");
    },
    parse(text, now) {
      if (text.length > MAX_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
      const bytes = Buffer.from(text, "base64url");
      const [mac, body] = [bytes.subarray(0, 32), bytes.subarray(32)];
      // Written in one way only.
      if (mac.length < 32 || bytes.toString("base64url") !== text || !timingSafeEqual(mac, sign(body))) return undefined;
      const [version, kind, bearer = "", app = "", artifact = "", seconds = ""] = split(body);
      const expiresAt = Number(seconds);
      if (version !== VERSION) return undefined;
      if (expiresAt * 1000 <= now) return "ended";
      return { kind: kind as CapabilityKind, bearer, app, artifact, expiresAt };
    },
  };
}

/** Each field behind its length: no two lists of fields are the same bytes. */
function join(fields: readonly string[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field);
      return [Buffer.of(bytes.length), bytes];
    }),
  );
}

/** Of bytes that `join` made. */
function split(body: Buffer): readonly string[] {
  const fields: string[] = [];
  for (let at = 0; at < body.length && fields.length < FIELDS; at += 1 + (body[at] ?? 0))
    fields.push(body.subarray(at + 1, at + 1 + (body[at] ?? 0)).toString());
  return fields;
}
