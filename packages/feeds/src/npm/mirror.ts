import { type FeedMirror, PLAIN_MIRROR } from "../mirror.ts";

export const npmMirror: FeedMirror = {
  ...PLAIN_MIRROR,
  types: [
    ["^/npm/.*;install$", "application/vnd.npm.install-v1+json"],
    [String.raw`^/npm/.*\.tgz$`, "application/octet-stream"],
    ["^/npm/", "application/json"],
  ],
  maps: ["map $http_accept $distd_npm {", '  default ";full";', String.raw`  "~application/vnd\.npm\.install-v1\+json" ";install";`, "}"],
  locations: () => [
    "location ~ ^/npm/[^/]+/-/ { try_files $uri =404; }",
    "location ~ ^/npm/.+/-/ { try_files $uri =404; }",
    'location /npm/ { try_files "$uri$distd_npm" =404; }',
  ],
};
