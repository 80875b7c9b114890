/** What an address below `/v2/` means. */
export type RegistryPath =
  | { readonly kind: "base" }
  | { readonly kind: "uploads"; readonly name: string }
  | { readonly kind: "upload"; readonly name: string; readonly upload: string }
  | { readonly kind: "blob"; readonly name: string; readonly digest: string }
  | { readonly kind: "manifest"; readonly name: string; readonly reference: string }
  | { readonly kind: "tags"; readonly name: string }
  | { readonly kind: "referrers"; readonly name: string; readonly digest: string };

/** Names hold slashes, so the address is read from its end. Undefined for what means nothing. */
export function parseRegistryPath(path: string): RegistryPath | undefined {
  if (path === "") return { kind: "base" };
  const uploads = /^(.+)\/blobs\/uploads\/([^/]*)$/.exec(path);
  if (uploads) {
    const [, name = "", upload = ""] = uploads;
    return upload === "" ? { kind: "uploads", name } : { kind: "upload", name, upload };
  }
  const [, name = "", kind = "", last = ""] = /^(.+)\/(blobs|manifests|tags|referrers|blobs\/uploads)\/?([^/]*)$/.exec(path) ?? [];
  if (kind === "blobs" && last === "uploads") return { kind: "uploads", name };
  if (last === "") return undefined;
  if (kind === "blobs") return { kind: "blob", name, digest: last };
  if (kind === "manifests") return { kind: "manifest", name, reference: last };
  if (kind === "tags") return last === "list" ? { kind: "tags", name } : undefined;
  return kind === "referrers" ? { kind: "referrers", name, digest: last } : undefined;
}
