import type { Inspector } from "../inspector.ts";
import { apk } from "./apk/index.ts";
import { deb } from "./deb/index.ts";
import { elf } from "./elf/index.ts";
import { file } from "./file/index.ts";
import { ipa } from "./ipa/index.ts";
import { npm } from "./npm/index.ts";
import { sdist } from "./sdist/index.ts";
import { tarball } from "./tarball/index.ts";
import { wheel } from "./wheel/index.ts";
import { zip } from "./zip/index.ts";

/** Every format, in the order they are asked; `file` takes what is left. A test holds this list, the folders, docs and fixtures together. */
export const FORMATS: readonly Inspector[] = [apk, ipa, deb, elf, wheel, sdist, npm, tarball, zip, file];
