/** The generation of a repository that is being cut. */
export interface CutPlace {
  /** Id of the repository. */
  readonly repository: string;
  /** The number it gets. */
  readonly generation: number;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** Whose lists and files they are: a feed's, for one channel or the whole repository. */
export interface FeedOwner {
  readonly feed: string;
  /** Empty for feeds of the whole repository. */
  readonly channel: string;
}

/** Of one thing that an owner has. */
export function keyOf({ feed, channel }: FeedOwner, name: string): string {
  return `${feed} ${channel} ${name}`;
}
