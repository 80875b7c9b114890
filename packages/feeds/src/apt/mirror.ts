import { type FeedMirror, PLAIN_MIRROR } from "../mirror.ts";

export const aptMirror: FeedMirror = {
  ...PLAIN_MIRROR,
  types: [
    [String.raw`^/apt/.*\.deb$`, "application/vnd.debian.binary-package"],
    [String.raw`^/apt/.*\.gz$`, "application/gzip"],
    [String.raw`^/apt/[^/]+/key\.asc$`, "application/pgp-keys"],
    ["^/apt/", "text/plain; charset=utf-8"],
  ],
};
