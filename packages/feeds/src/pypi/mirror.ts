import { type FeedMirror, PLAIN_MIRROR } from "../mirror.ts";

export const pypiMirror: FeedMirror = {
  ...PLAIN_MIRROR,
  types: [
    [String.raw`^/pypi/.*/index\.html$`, "text/html; charset=utf-8"],
    [String.raw`^/pypi/.*/index\.json$`, "application/vnd.pypi.simple.v1+json"],
    [String.raw`^/pypi/.*\.metadata$`, "text/plain; charset=utf-8"],
    ["^/pypi/", "application/octet-stream"],
  ],
  maps: [
    "map $http_accept $distd_pypi {",
    "  default index.html;",
    String.raw`  "~application/vnd\.pypi\.simple\.v1\+json" index.json;`,
    "}",
  ],
  locations: () => [
    "location ~ ^/pypi/[^/]+/[^/]+/simple/(?:[^/]+/)?$ { try_files ${uri}$distd_pypi =404; }",
    "location ~ ^/pypi/[^/]+/[^/]+/simple(?:/[^/]+)?$ { return 308 $uri/; }",
  ],
};
