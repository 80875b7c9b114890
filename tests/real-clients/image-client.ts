import type { ClientRan } from "./client.ts";
import type { MadeImage } from "./images.ts";

/** What a tool is told: where images are, and what it may show to get them. */
export interface ImagePlace {
  /** With port, as the first part of a name. */
  readonly host: string;
  readonly token?: string | undefined;
}

/**
 * A tool that pushes and pulls images, as its users have it. An operation that fails MUST reject with `ClientFailure`, and what a tool writes
 * MUST stay in its home.
 */
export interface ImageClient {
  /** With its version, for people. */
  readonly name: string;
  /** Why it cannot run here; undefined when it can. */
  readonly missing: string | undefined;
  /** What it says when bytes are not those promised. */
  readonly onTamperedBytes: RegExp;
  readonly onMissingToken: RegExp;
  /** Lends it out in a home nobody has used, signed in where there is a token. */
  settle<T>(place: ImagePlace, body: (images: SettledImages) => Promise<T>): Promise<T>;
}

/** A tool in its home. References are as users write them, without the host: `lantern:stable`, `lantern@sha256:…`. */
export interface SettledImages {
  /** Where it runs. */
  readonly folder: string;
  push(image: MadeImage, reference: string): Promise<void>;
  /** Asks the registry, whatever was pulled before. */
  pull(reference: string): Promise<PulledImage>;
  /** Removes what was pulled, not the settings. */
  forget(): Promise<void>;
  /** Runs the tool with arguments. */
  run(...args: readonly string[]): Promise<ClientRan>;
}

export interface PulledImage {
  /** The program's file. */
  readonly program: Buffer;
  /** What the program said when it was started; undefined for tools that start nothing. */
  readonly said?: string;
}
