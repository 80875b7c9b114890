import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { caller, uploadHeaders } from "../support/api.ts";
import { ADMIN_TOKEN, withServer } from "../support/server.ts";

describe("slow clients", () => {
  it("are cut when they dribble a request head, while others are served", () =>
    withServer(async (server) => {
      const port = Number(new URL(server.url).port);
      const cut = Array.from({ length: 200 }, () => {
        const socket = connect(port, "127.0.0.1");
        socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n");
        const timer = setInterval(() => socket.write("A: b\r\n"), 3000);
        return new Promise<void>((resolve) => {
          socket.on("error", () => {});
          socket.on("close", () => {
            clearInterval(timer);
            resolve();
          });
        });
      });
      assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
      await Promise.all(cut);
    }));

  it("may pause in an upload for longer than in a head", () =>
    withServer(async (server) => {
      const call = caller(server.url);
      await call("POST", "/api/v1/apps", { slug: "notes", name: "Notes" });
      const begun = await call("POST", "/api/v1/apps/notes/uploads", undefined, uploadHeaders("first second"));
      const body = new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode("first "));
          await Bun.sleep(16_000);
          controller.enqueue(new TextEncoder().encode("second"));
          controller.close();
        },
      });
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/offset+octet-stream", "upload-offset": "0" };
      assert.equal((await fetch(begun.headers.get("location") ?? "", { method: "PATCH", headers, body })).status, 204);
    }));
});
