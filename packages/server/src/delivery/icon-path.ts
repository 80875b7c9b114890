/** Where pages and installers find an app's icon: by the bytes it was read from. */
export function iconPath(slug: string, sha256: string): string {
  return `/a/${slug}/icon/${sha256}.png`;
}
