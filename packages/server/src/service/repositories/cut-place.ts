/** The generation of a repository that is being cut. */
export interface CutPlace {
  /** Id of the repository. */
  readonly repository: string;
  /** The number it gets. */
  readonly generation: number;
  /** ISO 8601 UTC. */
  readonly at: string;
}
