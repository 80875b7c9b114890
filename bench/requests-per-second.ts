const CONNECTIONS = 64;

/** wrk for three seconds over 64 connections; throws when anything else than 2xx and 3xx comes. */
export async function requestsPerSecond(url: string, ...headers: readonly string[]): Promise<number> {
  const given = headers.flatMap((header) => ["-H", header]);
  const child = Bun.spawn(["wrk", "-t1", `-c${CONNECTIONS}`, "-d3s", ...given, url], { stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  if (/Non-2xx or 3xx responses/.test(text)) throw new Error(text);
  return Number(/Requests\/sec:\s+([0-9.]+)/.exec(text)?.[1] ?? Number.NaN);
}
