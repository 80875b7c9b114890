/** Lists of digests, whatever they list. */
const SUMS = /^sha(?:256|512)sums(?:\.|$)/i;
/** A catalogue lists digests too, whatever it is called. */
const CATALOGUE = /\.cat$/i;

/** Whether a file of this name may say something about an artifact it lies beside: `app.apk.idsig`, `notes.tar.gz.asc`, `SHA256SUMS`. */
export function isBeside(artifact: string, name: string): boolean {
  return name.startsWith(`${artifact}.`) || artifact.startsWith(`${name}.`) || SUMS.test(name) || CATALOGUE.test(name);
}
