import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressBelow } from "./compare-bytes.ts";
import { FeedMismatch } from "./feed-mismatch.ts";

const BASE = "https://dist.example.com/npm/main";
const FROM = `${BASE}/simple/lantern/`;

describe("an address a client is led to", () => {
  for (const [address, url] of [
    [`${BASE}/lantern.tgz`, `${BASE}/lantern.tgz`],
    ["../../lantern.tgz", `${BASE}/lantern.tgz`],
    ["lantern%2B1.tgz", `${FROM}lantern%2B1.tgz`],
    ["/npm/main/lantern.tgz", `${BASE}/lantern.tgz`],
  ] as const)
    it(`may be ${address}`, () => assert.equal(addressBelow(BASE, FROM, address), url));

  for (const address of [
    undefined,
    "https://",
    BASE,
    "../../../lantern.tgz",
    "/npm/mainline/lantern.tgz",
    "//evil.example.com/npm/main/lantern.tgz",
    "https://evil.example.com/npm/main/lantern.tgz",
    "http://dist.example.com/npm/main/lantern.tgz",
    "https://dist.example.com:8443/npm/main/lantern.tgz",
    "https://someone@dist.example.com/npm/main/lantern.tgz",
    `${BASE}/../other/lantern.tgz`,
    // Those it would be read as, but not what it says.
    "https://DIST.example.com/npm/main/lantern.tgz",
    `${BASE}/./lantern.tgz`,
    "data:text/plain,lantern",
  ])
    it(`may not be ${address}`, () => assert.throws(() => addressBelow(BASE, FROM, address), FeedMismatch));
});
