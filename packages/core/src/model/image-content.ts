/** What a container image consists of, as a registry hands it out. Digests are `sha256:…` over exactly these bytes. */
export interface ImageContent {
  /** The manifest or index a tag points to. */
  readonly top: string;
  readonly manifests: readonly {
    readonly digest: string;
    readonly mediaType: string;
    /** Base64: a manifest is handed out byte for byte. */
    readonly body: string;
  }[];
  readonly blobs: readonly ImageBlob[];
}

export interface ImageBlob {
  readonly digest: string;
  readonly size: number;
  /** Where it begins in the artifact; absent when it is a blob of its own. */
  readonly offset?: number;
}
