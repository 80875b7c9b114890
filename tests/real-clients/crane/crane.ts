import { FETCH_CLIENTS } from "../client.ts";
import { PINS, programOf } from "../clients/pins.ts";
import { layoutClient } from "../layouts.ts";

const program = programOf("crane");

export const crane = layoutClient({
  name: `crane of ${PINS.crane.version}`,
  program,
  missing: program === undefined ? FETCH_CLIENTS : undefined,
  onTamperedBytes: /error verifying sha256|does not match requested digest/,
  onMissingToken: /UNAUTHORIZED|does not reach it/,
  login: (host, token) => ["auth", "login", "--username", "any", "--password", token, host],
  push: (folder, _image, name) => ["push", folder, name],
  pull: (name, folder) => ["pull", "--format=oci", name, folder],
});
