import { type ByteSource, decodeUtf8 } from "@distd/core";
import { broken } from "../../broken.ts";
import type { InspectLimits } from "../../limits.ts";
import { scanTar } from "../../tar/scan-tar.ts";

const MAX_CONTROL_BYTES = 1024 * 1024;
/** Programs dpkg runs, and `config`, which debconf runs. */
const SCRIPTS: readonly string[] = ["preinst", "postinst", "prerm", "postrm", "config"];

export interface ControlArchive {
  readonly text: string;
  /** Names of the maintainer scripts there are, sorted. */
  readonly scripts: readonly string[];
  readonly conffiles: readonly string[];
}

export async function readControlArchive(source: ByteSource, limits: InspectLimits): Promise<ControlArchive> {
  const texts = new Map<string, string>();
  const scripts: string[] = [];
  const scan = await scanTar(source, limits, {
    want(entry) {
      if (entry.type !== "file" || (entry.path !== "control" && entry.path !== "conffiles")) return 0;
      if (entry.bytes > MAX_CONTROL_BYTES) throw broken(`deb: ${entry.path} of ${entry.bytes} bytes`);
      return entry.bytes;
    },
    visit(entry, content) {
      if (entry.path === "control" || entry.path === "conffiles") {
        if (entry.type !== "file" || texts.has(entry.path)) throw broken(`deb: ${entry.path} is there twice, or is no file`);
        texts.set(entry.path, decodeUtf8(content));
      } else if (SCRIPTS.includes(entry.path)) scripts.push(entry.path);
    },
  });
  const text = texts.get("control");
  if (text === undefined || !scan.complete) throw broken("deb: there is no control file in control.tar");
  const conffiles = (texts.get("conffiles") ?? "").split("\n").map((line) => line.trim());
  return { text, scripts: scripts.sort(), conffiles: conffiles.filter((line) => line !== "") };
}
