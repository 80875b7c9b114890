/** A file system inside a file, looked up by path. `At` is how it refers to a file or folder. */
export interface ImageFiles<At = unknown> {
  readonly root: At;
  open(at: At): Promise<ImageNode<At>>;
}

export interface ImageEntry<At = unknown> {
  readonly name: string;
  readonly at: At;
}

export type ImageNode<At = unknown> =
  | { readonly kind: "folder"; list(): Promise<readonly ImageEntry<At>[]> }
  | { readonly kind: "file"; readonly bytes: number; read(): Promise<Uint8Array> }
  | { readonly kind: "symlink"; readonly target: string }
  | { readonly kind: "other" };

/** Links and folders passed on the way to one file. */
const MAX_STEPS = 64;

/** What a path leads to, symbolic links followed; they cannot lead out of the image. Undefined when there is nothing. */
export async function findInImage<At>(image: ImageFiles<At>, path: string): Promise<ImageNode<At> | undefined> {
  const rest = path.split("/").filter((part) => part !== "" && part !== ".");
  const trail: At[] = [image.root];
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const node = await image.open(trail.at(-1) as At);
    if (node.kind === "symlink") {
      trail.pop();
      if (node.target.startsWith("/")) trail.splice(1);
      rest.unshift(...node.target.split("/").filter((part) => part !== "" && part !== "."));
      if (rest[0] === undefined) return image.open(trail.at(-1) as At);
      continue;
    }
    const [name] = rest.splice(0, 1);
    if (name === undefined) return node;
    if (name === "..") {
      if (trail.length > 1) trail.pop();
      continue;
    }
    const entry = node.kind === "folder" ? (await node.list()).find((own) => own.name === name) : undefined;
    if (entry === undefined) return undefined;
    trail.push(entry.at);
  }
  return undefined;
}
