import { writeAr } from "../../../../fixtures/formats/make/deb.ts";
import { gzipStored, writeTar } from "../../../../fixtures/formats/make/tar-writer.ts";

/** A package of each kind that says its version. */
export function debOf(name: string, version: string, more = ""): Uint8Array {
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: A <a@example.com>\nDescription: a test\n${more}`;
  const data = writeTar([{ path: `./usr/bin/${name}`, data: `#!/bin/sh\necho ${version}\n`, mode: 0o755 }]);
  return new Uint8Array(
    writeAr([
      { name: "debian-binary", data: Buffer.from("2.0\n") },
      { name: "control.tar.gz", data: gzipStored(writeTar([{ path: "./control", data: control }])) },
      { name: "data.tar.gz", data: gzipStored(data) },
    ]),
  );
}

export function npmOf(name: string, version: string): Uint8Array {
  const manifest = JSON.stringify({ name, version, bin: "./index.js" });
  return new Uint8Array(
    gzipStored(
      writeTar([
        { path: "package/package.json", data: manifest },
        { path: "package/index.js", data: `console.log("${version}")\n` },
      ]),
    ),
  );
}
