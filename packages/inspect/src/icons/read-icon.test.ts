// Every format that carries an icon: what facts call it, and what comes out.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import { AMBER, type Colour, TEAL } from "../../../../fixtures/formats/make/icons.ts";
import { inspectArtifact, readIcon } from "../index.ts";
import { listFixtures, readFixture } from "../test-support/fixtures.ts";
import { decodePng } from "./decode-png.ts";

type Expected = readonly [file: string, icon: string | undefined, side?: number, colour?: Colour];

const EXPECTED: readonly Expected[] = [
  ["aab/two-modules.aab", "base/res/mipmap-xxhdpi/icon.png", 36, AMBER],
  ["aab/adaptive-icon.aab", "base/res/mipmap-xxhdpi/icon.png", 36, AMBER],
  ["apk/adaptive-icon.apk", "res/drawable-xxhdpi/front.png", 30, AMBER],
  ["apk/adaptive-icon-beside-bitmap.apk", "res/mipmap-xhdpi/ic.png", 20, AMBER],
  ["apk/damaged-drawing.apk", "res/mipmap-anydpi-v26/ic.xml"],
  ["apks/icon.apks", "universal.apk/res/drawable-xxhdpi/front.png", 30, AMBER],
  ["appimage/updates.AppImage", "lantern.png", 24, AMBER],
  ["appimage/links.AppImage", ".DirIcon", 12, AMBER],
  ["appimage/type-1.AppImage", "lantern.png", 24, AMBER],
  ["appimage/dir-icon-beside-drawing.AppImage", ".DirIcon", 12, TEAL],
  ["appimage/drawing.AppImage", "lantern.svg"],
  ["appimage/lzo.AppImage", undefined],
  ["dmg/app.dmg", "Lantern.app/Contents/Resources/Lantern.icns", 16, AMBER],
  ["dmg/volume-icon.dmg", ".VolumeIcon.icns", 16, AMBER],
  ["exe/icon.exe", ".rsrc/icon/MAINICON", 32, AMBER],
  ["exe/icon-without-images.exe", ".rsrc/icon/1"],
  ["exe/program.exe", undefined],
  ["ipa/ad-hoc-universal.ipa", "Payload/Lantern.app/AppIcon60x60@3x.png", 18, AMBER],
  ["macapp/stapled-with-helpers.zip", "Lantern.app/Contents/Resources/Lantern.icns", 16, AMBER],
  ["macapp/in-a-tar.tar.gz", "Lantern.app/Contents/Resources/Lantern.icns", 16, AMBER],
  ["macapp/icon-by-name-in-other-case.zip", "Lantern.app/Contents/Resources/Lantern.icns", 16, AMBER],
  ["msi/icon.msi", "Icon.lantern.ico", 32, AMBER],
  ["msi/icon-in-a-program.msi", "Icon.lantern.exe", 32, AMBER],
  ["msi/machine-wide-x64.msi", undefined],
  ["msix/capabilities.msix", "Assets/Logo.scale-200.png", 20, AMBER],
  ["msix/logo-in-folders.msix", "My%20Assets/scale-400/Logo.png", 40, AMBER],
  ["nupkg/dependencies-by-framework.nupkg", "images/icon.png", 24, AMBER],
];

describe("icons of artifacts", () => {
  for (const [file, icon, side, colour] of EXPECTED) {
    it(`${file}: ${icon ?? "none"}`, async () => {
      const [format = "", name = ""] = file.split("/");
      const fixture = listFixtures(format, "ok").find((one) => one.name === name) ?? assert.fail();
      const source = memorySource(readFixture(fixture));
      const facts = await inspectArtifact(source, name);
      assert.equal(facts.icon, icon);
      const png = await readIcon(source, name, facts.icon);
      const image = png && decodePng(png);
      assert.deepEqual(image && [image.width, image.height], side === undefined ? undefined : [side, side]);
      for (let at = 0; image !== undefined && at < image.rgba.length; at += 4)
        assert.deepEqual([...image.rgba.subarray(at, at + 4)], colour, `pixel ${at / 4}`);
    });
  }

  it("are none where facts name what is not there", async () => {
    for (const format of ["aab", "apk", "apks", "appimage", "dmg", "exe", "ipa", "macapp", "msi", "msix", "nupkg"]) {
      for (const fixture of listFixtures(format, "ok")) {
        const source = memorySource(readFixture(fixture));
        for (const icon of ["nowhere.png", "../..", ""]) assert.equal(await readIcon(source, fixture.name, icon), undefined, fixture.name);
      }
    }
  });
});
