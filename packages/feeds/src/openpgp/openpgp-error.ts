/** What was read is no OpenPGP as it is written here, or nobody who counts has signed it. The message says which. */
export class OpenPgpError extends Error {
  override readonly name = "OpenPgpError";
}
