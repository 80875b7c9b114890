import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClientRan, type Home, inHome } from "./client.ts";
import type { ImageClient } from "./image-client.ts";
import type { MadeImage } from "./images.ts";
import { NAME } from "./packages.ts";

/** A tool that moves images between a registry and a folder in the image layout, and starts nothing. */
export interface LayoutTool extends Pick<ImageClient, "name" | "missing" | "onTamperedBytes" | "onMissingToken"> {
  readonly program: string | undefined;
  readonly env?: (home: Home) => Readonly<Record<string, string>>;
  /** Arguments for each of what it does; names have the host. */
  login(host: string, token: string): readonly string[];
  push(folder: string, image: MadeImage, name: string): readonly string[];
  pull(name: string, folder: string): readonly string[];
}

export function layoutClient(tool: LayoutTool): ImageClient {
  const { name, missing, onTamperedBytes, onMissingToken } = tool;
  return {
    name,
    missing,
    onTamperedBytes,
    onMissingToken,
    settle: ({ host, token }, body) =>
      inHome(async (home) => {
        const run = (...args: readonly string[]): Promise<ClientRan> =>
          home.run([tool.program ?? name, ...args], { env: tool.env?.(home) ?? {} });
        if (token !== undefined) await run(...tool.login(host, token));
        let pulls = 0;
        return body({
          folder: home.folder,
          run,
          push: async (image, reference) => void (await run(...tool.push(await unpackLayout(home, image), image, `${host}/${reference}`))),
          async pull(reference) {
            const folder = join(home.inside("pulled"), `${(pulls += 1)}`);
            await run(...tool.pull(`${host}/${reference}`, folder));
            return { program: await readProgram(home, folder) };
          },
          forget: () => Promise.resolve(rmSync(home.inside("pulled"), { recursive: true })),
        });
      }),
  };
}

/** An image as a folder. */
async function unpackLayout(home: Home, { version, archive }: MadeImage): Promise<string> {
  const file = join(home.inside("archives"), `${version}.tar`);
  writeFileSync(file, archive);
  const folder = home.inside("layouts", version);
  await home.run(["tar", "-xf", file, "-C", folder]);
  return folder;
}

interface Manifests {
  readonly manifests: readonly { readonly digest: string }[];
}
interface Layers {
  readonly layers: readonly { readonly digest: string }[];
}

/** The program in the last layer of a layout's one image. */
async function readProgram(home: Home, folder: string): Promise<Buffer> {
  const blob = (digest: string | undefined): string => join(folder, "blobs", ...(digest ?? "").split(":"));
  const read = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;
  const { manifests } = read<Manifests>(join(folder, "index.json"));
  const { layers } = read<Layers>(blob(manifests.at(0)?.digest));
  await home.run(["tar", "-xf", blob(layers.at(-1)?.digest), "-C", folder]);
  return readFileSync(join(folder, NAME));
}
