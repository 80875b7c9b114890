import { createHash } from "node:crypto";
import { DistError, type Sha256 } from "@distd/core";
import type { FeedReader, FeedTraits } from "@distd/feeds";
import { problemOf } from "./api.ts";
import { watchSilence } from "./watch-silence.ts";
import { withRetries } from "./with-retries.ts";

export interface FeedLogin {
  readonly token: string;
  readonly how: FeedTraits["credentials"];
  /** Where the token may be shown; nowhere else. */
  readonly origins: readonly string[];
}

export interface FeedReaderOptions {
  /** Undefined for what is open to everyone. */
  readonly login: FeedLogin | undefined;
  readonly metadata: FeedReader["metadata"];
  readonly signal: AbortSignal;
}

/** What came, and its bytes one after the other. */
interface Arriving {
  readonly answer: Response;
  readonly bytes: AsyncIterable<Uint8Array>;
}

const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const NOTHING: ReadonlySet<number> = new Set([404, 410]);

/** Reads feeds over HTTP, as package managers do. What fails on the way is a DistError, after several attempts. */
export function createFeedReader({ login, metadata, signal }: FeedReaderOptions): FeedReader {
  /** Gives what is at the address to `use`: nothing, or what comes. */
  const get = <T>(url: string, accept: string | undefined, use: (found: Arriving | undefined) => Promise<T>): Promise<T> =>
    withRetries(async () => {
      const silence = watchSilence(signal);
      try {
        const answer = await follow(url, { "accept-encoding": "identity", ...(accept !== undefined && { accept }) }, silence.signal);
        if (answer.ok) return await use({ answer, bytes: bytesOf(answer, silence.heard) });
        if (NOTHING.has(answer.status)) return await use(undefined);
        throw answer.status === 401 ? new DistError("auth/required", `${url} asks for a token`) : await problemOf(answer);
      } catch (thrown) {
        throw signal.aborted ? new DistError("run/interrupted", "interrupted", { cause: thrown }) : asFailure(url, thrown);
      } finally {
        silence.stop();
      }
    });

  const follow = async (url: string, headers: Readonly<Record<string, string>>, until: AbortSignal): Promise<Response> => {
    let address = url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const answer = await fetch(address, {
        headers: { ...headers, ...authorizationAt(login, address) },
        redirect: "manual",
        signal: until,
      });
      const location = answer.headers.get("location");
      if (!REDIRECTS.has(answer.status) || location === null) return answer;
      await answer.body?.cancel();
      address = new URL(location, address).href;
    }
    throw new DistError("network/unreachable", `${url} leads from one address to the next without end`);
  };

  return {
    metadata,
    read: (url, { maxBytes, accept }) =>
      get(url, accept, async (found) => {
        if (!found) return { kind: "nothing" };
        const { answer } = found;
        const chunks: Uint8Array[] = [];
        let size = 0;
        for await (const chunk of found.bytes) {
          size += chunk.length;
          if (size > maxBytes) return { kind: "too-large" };
          chunks.push(chunk);
        }
        return { kind: "file", bytes: Buffer.concat(chunks), header: (name) => answer.headers.get(name) ?? undefined };
      }),
    digest: (url, also = []) =>
      get(url, undefined, async (found) => {
        if (!found) return undefined;
        const sha256 = createHash("sha256");
        const others = also.map((algorithm) => [algorithm, createHash(algorithm)] as const);
        let size = 0;
        for await (const chunk of found.bytes) {
          size += chunk.length;
          sha256.update(chunk);
          for (const [, hash] of others) hash.update(chunk);
        }
        const digests = Object.fromEntries(others.map(([algorithm, hash]) => [algorithm, hash.digest("hex")]));
        return { size, sha256: sha256.digest("hex") as Sha256, digests };
      }),
  };
}

async function* bytesOf({ body }: Response, heard: () => void): AsyncIterable<Uint8Array> {
  if (body === null) return;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    heard();
    yield chunk;
  }
}

function authorizationAt(login: FeedLogin | undefined, url: string): Record<string, string> {
  if (!login?.origins.includes(new URL(url).origin)) return {};
  const { token, how } = login;
  return { authorization: how === "basic" ? `Basic ${Buffer.from(`token:${token}`).toString("base64")}` : `Bearer ${token}` };
}

/** What `fetch` throws is the network's. */
function asFailure(url: string, thrown: unknown): DistError {
  if (thrown instanceof DistError) return thrown;
  return new DistError("network/unreachable", `${new URL(url).host} does not answer: ${(thrown as Error).message}`, { cause: thrown });
}
