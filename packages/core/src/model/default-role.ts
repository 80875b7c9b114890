import type { Role } from "./words.ts";

/** What an artifact is for when nobody says: most formats are installed; these are not. */
const ROLES_OF_FORMATS: Readonly<Record<string, Role>> = {
  // Stores make packages of them; no device installs them.
  aab: "metadata",
  apks: "metadata",
  idsig: "signature",
  signature: "signature",
  // Run or used where they are unpacked.
  zip: "portable",
  tarball: "portable",
  elf: "portable",
  macho: "portable",
  gguf: "portable",
  safetensors: "portable",
  pickle: "portable",
  file: "portable",
};

export function defaultRole(format: string): Role {
  return (Object.hasOwn(ROLES_OF_FORMATS, format) && ROLES_OF_FORMATS[format]) || "install";
}
