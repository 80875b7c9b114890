import http from "node:http";
import type { Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream";
import { DistError } from "@distd/core";
import { refusalError, type RefusalCodes } from "./engine-error.ts";
import type { EngineSocket } from "./find-socket.ts";

export interface EngineCall {
  readonly method: "GET" | "POST" | "DELETE";
  /** Without the version. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is; destroyed when the call ends. */
  readonly content?: Readable;
  readonly signal?: AbortSignal | undefined;
  readonly refusals?: RefusalCodes;
}

/** Requests to the daemon. Each has a connection of its own, which ends with it; errors are as in `ContainerRuntime`. */
export interface EngineClient {
  /** Put before every path from now on: `/v1.41`. */
  setVersion(prefix: string): void;
  /** The answer's JSON value; undefined when it has no body. */
  json<T>(call: EngineCall): Promise<T>;
  /** The answer's bytes as they come. Leaving the loop ends the call. */
  bytes(call: EngineCall): AsyncGenerator<Uint8Array>;
  /** Turns the connection into a raw one; who asked destroys it. `head` are bytes that came with the answer. */
  upgrade(call: EngineCall): Promise<{ readonly socket: Duplex; readonly head: Uint8Array }>;
  /** The same error as one of ours: what became of a connection. */
  connectionError(cause: unknown): DistError;
  close(): void;
}

/** Bytes of a refusal that are read: it is a sentence. */
const MAX_REFUSAL_BYTES = 64 * 1024;
/** Started already, stopped already. */
const NOT_MODIFIED = 304;

export function openEngineClient({ path: socketPath, startCommand }: EngineSocket): EngineClient {
  const connections = new Set<{ destroy(error?: Error): unknown }>();
  let prefix = "";
  let isClosed = false;

  const connectionError = (cause: unknown): DistError => {
    if (cause instanceof DistError) return cause;
    if (isClosed) return new DistError("runtime/daemon-unavailable", "the runtime was closed", { hint: "open it again", cause });
    const { code, message } = cause as NodeJS.ErrnoException;
    const hint =
      code === "EACCES" || code === "EPERM"
        ? `take part in the group that owns ${socketPath}: sudo usermod -aG docker $USER, then log in again`
        : `run '${startCommand}'`;
    return new DistError("runtime/daemon-unavailable", `no answer at ${socketPath}: ${message}`, { hint, cause });
  };

  /** Ends the connection with the signal, and with the client, until it has ended anyway. */
  const guard = (connection: Duplex | http.ClientRequest, signal: AbortSignal | undefined): (() => void) => {
    const abort = (): void => void connection.destroy(interrupted(signal));
    const release = (): void => {
      connections.delete(connection);
      signal?.removeEventListener("abort", abort);
    };
    connections.add(connection);
    signal?.addEventListener("abort", abort);
    connection.once("close", release);
    return release;
  };

  type Answer = {
    readonly response: http.IncomingMessage;
    readonly socket?: Duplex;
    readonly head: Uint8Array;
    readonly release: () => void;
  };

  const send = (call: EngineCall, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> => {
    return new Promise((resolve, reject) => {
      if (isClosed || call.signal?.aborted === true) {
        call.content?.destroy();
        return reject(isClosed ? connectionError(new Error("closed")) : interrupted(call.signal));
      }
      const body = call.body === undefined ? undefined : JSON.stringify(call.body);
      const request = http.request({
        socketPath,
        method: call.method,
        path: prefix + call.path + renderQuery(call.query),
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
          ...headers,
          ...call.headers,
        },
        agent: false,
      });
      const release = guard(request, call.signal);
      let contentError: unknown;
      const fail = (error: unknown): void => {
        release();
        call.content?.destroy();
        if (call.signal?.aborted === true) reject(interrupted(call.signal));
        else reject(contentError === undefined ? connectionError(error) : contentError);
      };
      request.on("error", fail);
      request.on("response", (response) => {
        resolve({ response, head: new Uint8Array(), release });
      });
      request.on("upgrade", (response, socket, head) => {
        release();
        resolve({ response, socket, head, release });
      });
      if (call.content === undefined) request.end(body);
      else {
        call.content.on("error", (cause) => {
          contentError = cause instanceof DistError ? cause : new DistError("system/failed", cause.message, { cause });
        });
        pipeline(call.content, request, (error) => {
          if (error !== null && error !== undefined) fail(error);
        });
      }
    });
  };

  async function* read(call: EngineCall, { response, release }: Answer): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of response) yield chunk as Uint8Array;
    } catch (error) {
      if (call.signal?.aborted === true) throw interrupted(call.signal);
      throw connectionError(error);
    } finally {
      response.destroy();
      call.content?.destroy();
      release();
    }
  }

  const refuse = async (call: EngineCall, answer: Answer): Promise<never> => {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of read(call, answer)) {
      parts.push(part);
      size += part.length;
      if (size > MAX_REFUSAL_BYTES) break;
    }
    const status = answer.response.statusCode ?? 0;
    // The Engine sends a name with dots and slashes somewhere else: there is no such thing.
    if (status < 400) throw refusalError(404, `${call.path}: there is no such name`, call.refusals ?? {});
    throw refusalError(status, refusalText(Buffer.concat(parts).toString()), call.refusals ?? {});
  };

  const accepted = async (call: EngineCall): Promise<Answer> => {
    const answer = await send(call);
    const status = answer.response.statusCode ?? 0;
    return status < 300 || status === NOT_MODIFIED ? answer : refuse(call, answer);
  };

  return {
    setVersion(value) {
      prefix = value;
    },
    async json<T>(call: EngineCall) {
      const answer = await accepted(call);
      const text = Buffer.concat(await Array.fromAsync(read(call, answer))).toString();
      try {
        return (text === "" ? undefined : JSON.parse(text)) as T;
      } catch (cause) {
        throw new DistError("runtime/failed", `${call.path}: the daemon answered what is no JSON`, { cause });
      }
    },
    async *bytes(call) {
      yield* read(call, await accepted(call));
    },
    async upgrade(call) {
      const answer = await send(call, { connection: "Upgrade", upgrade: "tcp" });
      if (answer.socket === undefined) {
        if ((answer.response.statusCode ?? 0) >= 300) return refuse(call, answer);
        answer.response.destroy();
        throw new DistError("runtime/failed", `${call.path}: the daemon did not open a stream`);
      }
      guard(answer.socket, call.signal);
      return { socket: answer.socket, head: answer.head };
    },
    connectionError,
    close() {
      isClosed = true;
      for (const connection of connections) connection.destroy(new Error("closed"));
    },
  };
}

export function interrupted(signal: AbortSignal | undefined): DistError {
  return new DistError("run/interrupted", "interrupted", { cause: signal?.reason });
}

function renderQuery(query: EngineCall["query"] = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

/** The Engine and Podman say `{"message": …}`; what stands between may say anything. */
function refusalText(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // Not from the Engine.
  }
  return text.trim() || "the daemon refused without a word";
}
