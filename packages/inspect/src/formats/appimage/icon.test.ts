import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ImageFiles, ImageNode } from "../../image-files.ts";
import { findIcon } from "./icon.ts";

/** A file system of empty files. */
function imageOf(...paths: readonly string[]): ImageFiles<string> {
  const open = async (at: string): Promise<ImageNode<string>> => {
    if (paths.includes(at)) return { kind: "file", bytes: 0, read: async () => new Uint8Array() };
    const below = paths.filter((path) => at === "" || path.startsWith(`${at}/`)).map((path) => path.slice(at === "" ? 0 : at.length + 1));
    const names = new Set(below.map((path) => path.split("/")[0] ?? ""));
    return { kind: "folder", list: async () => [...names].map((name) => ({ name, at: at === "" ? name : `${at}/${name}` })) };
  };
  return { root: "", open };
}

const small = "usr/share/icons/hicolor/64x64/apps/lantern.png";
const large = "usr/share/icons/hicolor/256x256/apps/lantern.png";
const other = "usr/share/icons/hicolor/512x512/apps/other.png";

describe("an AppImage's icon", () => {
  it("is the picture at the top that the desktop entry names, whether it names the ending or not", async () => {
    assert.equal(await findIcon(imageOf("lantern.png", ".DirIcon", large), "lantern"), "lantern.png");
    assert.equal(await findIcon(imageOf("lantern.png", "lantern"), "lantern.png"), "lantern.png");
  });

  it("is the theme's largest picture where the top has a drawing, or nothing", async () => {
    assert.equal(await findIcon(imageOf("lantern.svg", ".DirIcon", small, large, other), "lantern"), large);
    assert.equal(await findIcon(imageOf("AppRun", small, other), "lantern"), small);
  });

  it("is .DirIcon where there is nothing else, or nothing is named", async () => {
    assert.equal(await findIcon(imageOf(".DirIcon", "lantern.svg"), "lantern"), ".DirIcon");
    assert.equal(await findIcon(imageOf(".DirIcon", small), undefined), ".DirIcon");
    assert.equal(await findIcon(imageOf(".DirIcon", "a/lantern.png"), "a/lantern"), ".DirIcon");
  });

  it("is a drawing where there is no picture, and never the program of that name", async () => {
    assert.equal(await findIcon(imageOf("lantern.svg", "lantern"), "lantern"), "lantern.svg");
    assert.equal(await findIcon(imageOf("lantern", "AppRun"), "lantern"), undefined);
  });
});
