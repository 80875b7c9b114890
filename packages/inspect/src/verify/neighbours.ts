/** Lists of digests, whatever they list, and what signs them: `SHA256SUMS.asc`, `lantern_1.0.0_checksums.txt`. */
const SUMS = /(?:^|[._-])(?:sha(?:224|256|384|512)sums?|checksums?)(?:\.|$)/i;
/** A catalogue lists digests too, whatever it is called. */
const CATALOGUE = /\.cat$/i;

/** Whether a file of this name may say something about an artifact it lies beside: `app.apk.idsig`, `notes.tar.gz.asc`, `SHA256SUMS`. */
export function isBeside(artifact: string, name: string): boolean {
  return name.startsWith(`${artifact}.`) || artifact.startsWith(`${name}.`) || SUMS.test(name) || CATALOGUE.test(name);
}
