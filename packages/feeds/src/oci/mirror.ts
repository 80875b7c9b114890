import { type FeedMirror, PLAIN_MIRROR } from "../mirror.ts";

/** A manifest's type is nowhere in its path: the name on disk says it. */
const MANIFESTS: Readonly<Record<string, string>> = {
  "application/vnd.oci.image.index.v1+json": ";index",
  "application/vnd.oci.image.manifest.v1+json": ";manifest",
  "application/vnd.docker.distribution.manifest.list.v2+json": ";docker-list",
  "application/vnd.docker.distribution.manifest.v2+json": ";docker-manifest",
};

export const ociMirror: FeedMirror = {
  ...PLAIN_MIRROR,
  fileName: (path, type) => (path.includes("/manifests/") ? `${path}${MANIFESTS[type] ?? ""}` : path),
  types: [
    ...Object.entries(MANIFESTS).map(([type, ending]) => [`^/oci/.*/manifests/[^/]+${ending}$`, type] as const),
    ["^/oci/.*/tags/list$", "application/json"],
    ["^/oci/", "application/octet-stream"],
  ],
  locations: (repositories) => {
    const among = (paths: (repository: string) => readonly string[]): string =>
      repositories
        .flatMap(paths)
        .map((path) => `"${path}"`)
        .join(" ");
    return [
      "location = /v2/ { default_type application/json; return 200 '{}'; }",
      `location ~ ^/v2/(.+/manifests/[^/]+)$ { try_files ${among((name) => Object.values(MANIFESTS).map((ending) => `/oci/${name}/$1${ending}`))} =404; }`,
      `location ~ ^/v2/(.+)$ { try_files ${among((name) => [`/oci/${name}/$1`])} =404; }`,
    ];
  },
};
