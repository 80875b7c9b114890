/** Name and password, or the token that a registry gave for them. Passed on to the registry, kept nowhere. */
export type RegistryCredentials = { readonly username: string; readonly password: string } | { readonly identityToken: string };

export interface ImagePull {
  /** `registry/name:tag` or `name@sha256:…`; the tag `latest` when there is neither. */
  readonly reference: string;
  /** `os/architecture`, with `/variant` if wanted. `runtime/unsupported-platform` when the image has none for it. */
  readonly platform?: string;
  readonly credentials?: RegistryCredentials;
  readonly onProgress?: (progress: ImageProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ImageBuild {
  /** Folder with what the Dockerfile copies; its `.dockerignore` counts. */
  readonly context: string;
  /** Path in the context; `Dockerfile` when absent. */
  readonly dockerfile?: string;
  /** The name it gets. */
  readonly reference: string;
  readonly arguments?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Stage to stop at. */
  readonly target?: string;
  readonly platform?: string;
  readonly isUncached?: boolean;
  /** By host of a registry, for images it builds upon. */
  readonly credentials?: Readonly<Record<string, RegistryCredentials>>;
  readonly onProgress?: (progress: ImageProgress) => void;
  readonly signal?: AbortSignal;
}

/** A step of a pull or a build. */
export interface ImageProgress {
  /** A line or part of one, as the backend says it. */
  readonly text: string;
  /** The layer it is about. */
  readonly layer: string | null;
  readonly doneBytes: number | null;
  readonly totalBytes: number | null;
}

export interface ImageState {
  readonly id: string;
  readonly references: readonly string[];
  /** `name@sha256:…` under which registries have it. */
  readonly digests: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** `os/architecture`, with `/variant` when it has one. */
  readonly platform: string | null;
  readonly createdAt: string | null;
  readonly sizeBytes: number | null;
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string | null;
  readonly workingDirectory: string | null;
}
