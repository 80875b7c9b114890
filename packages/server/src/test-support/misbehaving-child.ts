/** Speaks the sandbox's protocol and then does what its file name asks for: a parser gone wrong. */
process.on("message", (message: { kind: string; files?: readonly { name: string }[] }) => {
  if (message.kind !== "inspect") return;
  switch (message.files?.[0]?.name) {
    case "spin":
      for (;;);
    case "grow": {
      const kept: Uint8Array[] = [];
      for (;;) kept.push(new Uint8Array(4 * 1024 * 1024).fill(1));
    }
    case "crash":
      process.kill(process.pid, "SIGSEGV");
      return;
    case "wait":
      process.send?.({ kind: "read", read: 1, file: 0, offset: 0, length: 1 });
      return;
    default:
      process.send?.({ kind: "inspected", inspection: { facts: { format: process.pid } } });
  }
});
process.send?.({ kind: "ready" });
