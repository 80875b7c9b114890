import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Coordinate, renderCoordinate } from "./coordinate.ts";
import { type ArtifactRequest, rankArtifacts } from "./preference.ts";
import { ARCHITECTURES, PLATFORMS, ROLES } from "./words.ts";

/** `linux/x64/deb/musl/install` */
function coordinate(text: string): Coordinate {
  const [platform, arch, format, variant, role] = text.split("/");
  return { platform, arch, format, variant, role } as Coordinate;
}

const rank = (texts: string, request: ArtifactRequest = {}) =>
  rankArtifacts(texts.trim().split(/\s+/).map(coordinate), request).map(renderCoordinate);

const entries = fc.uniqueArray(
  fc.record({
    platform: fc.constantFrom(...PLATFORMS),
    arch: fc.constantFrom(...ARCHITECTURES),
    format: fc.constantFrom("apk", "zip", "deb", "sif", "wheel"),
    variant: fc.constantFrom("", "musl", "q4"),
    role: fc.constantFrom(...ROLES),
  }),
  { selector: renderCoordinate, maxLength: 12 },
);
const request = fc.record(
  {
    platform: fc.constantFrom(...PLATFORMS),
    arch: fc.constantFrom(...ARCHITECTURES),
    format: fc.constantFrom("zip", "deb"),
    variant: fc.constantFrom("", "musl"),
  },
  { requiredKeys: [] },
);

describe("rankArtifacts", () => {
  it("prefers the platform and architecture asked for to 'any'", () => {
    const all = "any/any/zip//install linux/any/zip//install linux/x64/zip//install any/x64/zip//install linux/arm64/zip//install";
    const expected = ["linux/x64/zip//install", "linux/any/zip//install", "any/x64/zip//install", "any/any/zip//install"];
    assert.deepEqual(rank(all, { platform: "linux", arch: "x64" }), expected);
  });

  it("prefers a build for all architectures when none was asked for", () => {
    assert.equal(rank("macos/arm64/dmg//install macos/any/zip//update")[0], "macos/any/zip//update");
  });

  it("prefers the usual variant, then install to portable to update, then the format people install first", () => {
    const all = `linux/x64/deb/musl/install linux/x64/sif//install linux/x64/zip//install linux/x64/appimage//install linux/x64/rpm//install linux/x64/deb//install
      linux/x64/apk//update linux/x64/deb//portable`;
    assert.deepEqual(
      rank(all, { platform: "linux", arch: "x64" }).map((text) => text.replace("linux/x64/", "")),
      [
        "deb//install",
        "rpm//install",
        "appimage//install",
        "zip//install",
        "sif//install",
        "deb//portable",
        "apk//update",
        "deb/musl/install",
      ],
    );
  });

  it("offers nothing that is not for people to install", () => {
    assert.deepEqual(rank("linux/x64/file//symbols linux/x64/file//sbom linux/x64/file//signature linux/x64/file//metadata"), []);
  });

  it("gives only what was asked for", () => {
    const all = "linux/x64/deb//install linux/x64/deb/musl/install linux/x64/rpm//install";
    assert.deepEqual(rank(all, { format: "deb", variant: "musl" }), ["linux/x64/deb/musl/install"]);
    assert.deepEqual(rank(all, { format: "msi" }), []);
    assert.deepEqual(rank(all, { platform: "windows" }), []);
  });

  it("does not depend on the order of the entries, and leaves them alone", () => {
    fc.assert(
      fc.property(entries, request, fc.nat(), (list, wanted, cut) => {
        const before = JSON.stringify(list);
        const turned = [...list.slice(cut % (list.length + 1)), ...list.slice(0, cut % (list.length + 1))].toReversed();
        assert.deepEqual(rankArtifacts(turned, wanted), rankArtifacts(list, wanted));
        assert.equal(JSON.stringify(list), before);
      }),
    );
  });

  it("ranks two entries as it ranks them among others", () => {
    fc.assert(
      fc.property(entries, request, (list, wanted) => {
        const all = rankArtifacts(list, wanted);
        for (const [index, better] of all.entries()) {
          for (const worse of all.slice(index + 1)) assert.deepEqual(rankArtifacts([worse, better], wanted), [better, worse]);
        }
      }),
    );
  });
});
