import type { Inspector } from "../inspector.ts";
import { apk } from "./apk/index.ts";
import { file } from "./file/index.ts";
import { ipa } from "./ipa/index.ts";

/** Every format, in the order they are asked; `file` takes what is left. A test holds this list, the folders, docs and fixtures together. */
export const FORMATS: readonly Inspector[] = [apk, ipa, file];
