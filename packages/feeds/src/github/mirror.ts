import { type FeedMirror, PLAIN_MIRROR } from "../mirror.ts";
import { BYTES, BYTES_TYPE } from "./release-document.ts";

const JSON_ENDING = ";json";

export const githubMirror: FeedMirror = {
  ...PLAIN_MIRROR,
  // A release's document has the same path as the folder of its assets.
  fileName: (path, type) => (type === BYTES_TYPE ? path : `${path}${JSON_ENDING}`),
  types: [
    [`^/github/.*${JSON_ENDING}$`, "application/json"],
    ["^/github/", BYTES_TYPE],
  ],
  maps: [
    "map $http_accept $distd_github {",
    `  default "${JSON_ENDING}";`,
    `  "~${BYTES_TYPE}" "${BYTES}";`,
    "}",
    "# All there is stands on the first page.",
    "map $arg_page $distd_later_page {",
    '  default "";',
    '  "~^(?:[2-9]|[1-9][0-9]+)$" 1;',
    "}",
  ],
  locations: () => [
    "location = /distd-later-page { internal; default_type application/json; return 200 '[]'; }",
    "location ~ ^(?:/api/v[13])?/repos/([^/]+)/([^/]+/releases/assets/[0-9]+)$ {",
    '  try_files "/github/$1/repos/$1/$2$distd_github" =404;',
    "}",
    "location ~ ^(?:/api/v[13])?/repos/([^/]+)/([^/]+/releases)$ {",
    "  if ($distd_later_page) { rewrite ^ /distd-later-page last; }",
    `  try_files "/github/$1/repos/$1/$2${JSON_ENDING}" =404;`,
    "}",
    "location ~ ^(?:/api/v[13])?/repos/([^/]+)/(.+)$ {",
    `  try_files "/github/$1/repos/$1/$2${JSON_ENDING}" =404;`,
    "}",
    "location ~ ^/([^/]+)/[^/]+/releases/download/ { try_files /github/$1$uri =404; }",
    `location /github/ { try_files "$uri$distd_github" $uri "$uri${JSON_ENDING}" =404; }`,
  ],
};
