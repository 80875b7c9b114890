/** A server that is not distd: answers every request with the same thing. */
export async function withStub<T>(
  answer: (request: Request) => Response | Promise<Response>,
  body: (url: string) => Promise<T>,
): Promise<T> {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  try {
    return await body(`http://127.0.0.1:${server.port}`);
  } finally {
    await server.stop(true);
  }
}
