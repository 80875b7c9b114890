import type { Inspector } from "../inspector.ts";
import { aab } from "./aab/index.ts";
import { apk } from "./apk/index.ts";
import { appimage } from "./appimage/index.ts";
import { apks } from "./apks/index.ts";
import { cab } from "./cab/index.ts";
import { deb } from "./deb/index.ts";
import { dmg } from "./dmg/index.ts";
import { elf } from "./elf/index.ts";
import { exe } from "./exe/index.ts";
import { file } from "./file/index.ts";
import { gguf } from "./gguf/index.ts";
import { idsig } from "./idsig/index.ts";
import { ipa } from "./ipa/index.ts";
import { macapp } from "./macapp/index.ts";
import { macho } from "./macho/index.ts";
import { msi } from "./msi/index.ts";
import { msix } from "./msix/index.ts";
import { npm } from "./npm/index.ts";
import { nupkg } from "./nupkg/index.ts";
import { oci } from "./oci/index.ts";
import { pickle } from "./pickle/index.ts";
import { pkg } from "./pkg/index.ts";
import { rpm } from "./rpm/index.ts";
import { safetensors } from "./safetensors/index.ts";
import { sdist } from "./sdist/index.ts";
import { sif } from "./sif/index.ts";
import { signature } from "./signature/index.ts";
import { swift } from "./swift/index.ts";
import { tarball } from "./tarball/index.ts";
import { wheel } from "./wheel/index.ts";
import { zip } from "./zip/index.ts";

/** Every format, in the order they are asked; `file` takes what is left. A test holds this list, the folders, docs and fixtures together. */
export const FORMATS: readonly Inspector[] = [
  apk,
  aab,
  apks,
  idsig,
  ipa,
  exe,
  msi,
  msix,
  nupkg,
  cab,
  macho,
  macapp,
  dmg,
  pkg,
  deb,
  rpm,
  appimage,
  elf,
  sif,
  gguf,
  safetensors,
  pickle,
  wheel,
  swift,
  sdist,
  npm,
  oci,
  tarball,
  zip,
  signature,
  file,
];
