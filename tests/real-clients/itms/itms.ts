import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ClientFailure, type Home } from "../client.ts";

/** What an iPhone has after its installer followed a link. */
export interface Installed {
  readonly identifier: string;
  readonly version: string;
  readonly title: string;
  readonly ipa: Buffer;
  /** PNG. */
  readonly icon: Buffer;
}

interface Manifest {
  readonly items: readonly {
    readonly assets: readonly { readonly kind: string; readonly url: string }[];
    readonly metadata: Readonly<Record<"bundle-identifier" | "bundle-version" | "kind" | "title", string>>;
  }[];
}

const TRIES = 3;
const PNG = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const READ_PLIST = "import json,plistlib,sys; print(json.dumps(plistlib.load(open(sys.argv[1], 'rb'))))";
const READ_INFO = `import json,plistlib,re,sys,zipfile
with zipfile.ZipFile(sys.argv[1]) as ipa:
  ipa.testzip() and sys.exit("damaged")
  [path] = [one for one in ipa.namelist() if re.fullmatch(r"Payload/[^/]+\\.app/Info\\.plist", one)]
  print(json.dumps(plistlib.loads(ipa.read(path)), default=str))`;

/**
 * Apple's installer, as far as it is known: https only, no cookies, no credentials, no address it came from; a download that breaks off goes on where it ended. What
 * arrives has to be what the manifest says. Rejects with `ClientFailure`.
 */
export async function installOverTheAir(link: string, certificate: string, home: Home): Promise<Installed> {
  const ask = new URL(link);
  if (ask.protocol !== "itms-services:" || ask.searchParams.get("action") !== "download-manifest")
    throw new ClientFailure(`no link: ${link}`);
  const get = (url: string): Promise<Buffer> => download(url, readFileSync(certificate, "utf8"));
  const read = async <T>(script: string, name: string, bytes: Buffer): Promise<T> => {
    writeFileSync(join(home.folder, name), bytes);
    return JSON.parse((await home.run(["python3", "-c", script, name])).stdout) as T;
  };
  const { items } = await read<Manifest>(READ_PLIST, "manifest.plist", await get(ask.searchParams.get("url") ?? ""));
  const [item] = items;
  const urlOf = (kind: string): string => item?.assets.find((asset) => asset.kind === kind)?.url ?? "";
  if (item?.metadata.kind !== "software") throw new ClientFailure("the manifest is for no app");
  const icon = await get(urlOf("display-image"));
  if (!icon.subarray(0, PNG.length).equals(PNG)) throw new ClientFailure("the icon is no PNG");
  const ipa = await get(urlOf("software-package"));
  const info = await read<Readonly<Record<string, string>>>(READ_INFO, "app.ipa", ipa);
  const { "bundle-identifier": identifier, "bundle-version": version, title } = item.metadata;
  const [isSame, isNow] = [info["CFBundleIdentifier"] === identifier, info["CFBundleVersion"] === version];
  if (!isSame || !isNow) throw new ClientFailure(`the manifest says ${identifier} ${version}, the app another`);
  return { identifier, version, title, ipa, icon };
}

async function download(url: string, ca: string): Promise<Buffer> {
  if (!url.startsWith("https://")) throw new ClientFailure(`not over https: '${url}'`);
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let tries = 1; ; tries++) {
    try {
      const answer = await fetch(url, { tls: { ca }, redirect: "error", headers: at === 0 ? {} : { range: `bytes=${at}-` } });
      if (answer.status !== (at === 0 ? 200 : 206)) throw new ClientFailure(`${answer.status} for ${new URL(url).pathname}`);
      for await (const piece of answer.body ?? []) {
        pieces.push(piece);
        at += piece.length;
      }
      return Buffer.concat(pieces);
    } catch (error) {
      if (error instanceof ClientFailure || tries === TRIES) throw error;
    }
  }
}
