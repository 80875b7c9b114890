/** What one inspection may cost. Every limit is named with its unit; exceeding one is `artifact/broken`. */
export interface InspectLimits {
  /** Bytes read from the source. */
  readonly maxReadBytes: number;
  /** Bytes produced by decompression, all entries together. */
  readonly maxInflatedBytes: number;
  /** Entries of an archive. */
  readonly maxEntries: number;
  /** Nesting of elements, dictionaries, arrays. */
  readonly maxDepth: number;
}

export const SNIFF_BYTES = 4096;

export const DEFAULT_LIMITS: InspectLimits = {
  maxReadBytes: 128 * 1024 * 1024,
  maxInflatedBytes: 64 * 1024 * 1024,
  maxEntries: 100_000,
  maxDepth: 64,
};
