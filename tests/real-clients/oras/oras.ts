import { FETCH_CLIENTS } from "../client.ts";
import { PINS, programOf } from "../clients/pins.ts";
import { layoutClient } from "../layouts.ts";

const program = programOf("oras");

export const oras = layoutClient({
  name: `oras of ${PINS.oras.version}`,
  program,
  missing: program === undefined ? FETCH_CLIENTS : undefined,
  onTamperedBytes: /mismatched digest/,
  onMissingToken: /unauthorized|not found/i,
  login: (host, token) => ["login", "--plain-http", "--username", "any", "--password", token, host],
  push: (folder, { manifestDigest }, name) => ["copy", "--from-oci-layout", `${folder}@${manifestDigest}`, "--to-plain-http", name],
  pull: (name, folder) => ["copy", "--from-plain-http", name, "--to-oci-layout", `${folder}:pulled`],
});
