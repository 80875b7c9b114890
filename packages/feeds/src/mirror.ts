/**
 * How a feed's files are served where nothing but nginx answers: under which names they lie, and what finds them again as `route` would. Written
 * for nginx 1.18 and later.
 */
export interface FeedMirror {
  /** Where a stored file lies below the feed's folder. MUST NOT be a folder of another file. */
  fileName(path: string, type: string): string;
  /** Content types by name: regular expressions over the address of the file that was found. */
  readonly types: readonly (readonly [pattern: string, type: string])[];
  /** Lines for `http`: what a request's headers mean. */
  readonly maps: readonly string[];
  /** Lines for `server`. */
  locations(repositories: readonly string[]): readonly string[];
}

/** Files lie under the path they are asked for. */
export const PLAIN_MIRROR: Pick<FeedMirror, "fileName" | "maps" | "locations"> = {
  fileName: (path) => path,
  maps: [],
  locations: () => [],
};
