export interface SwiftManifest {
  readonly toolsVersion?: string;
  readonly name?: string;
  /** As they are written: `macOS(.v13)`. */
  readonly platforms: readonly string[];
  readonly products: readonly { readonly kind: string; readonly name: string }[];
  /** Addresses and registry identities of packages it depends on. */
  readonly dependencies: readonly string[];
}

/** SE-0152: the first line says which version of the tools reads the rest. */
const TOOLS_VERSION = /^(?:\uFEFF)?\s*\/\/\s*swift-tools-version\s*:\s*(\d+(?:\.\d+){0,2})/i;
const TEXT = String.raw`"((?:[^"\\\n]|\\[^(\n])*)"`;
const COMMENT_OR_TEXT = /"(?:\\.|[^"\\\n])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** Literals at their usual places. What is computed is left out: the manifest is a program. */
export function parseManifest(text: string): SwiftManifest {
  const toolsVersion = TOOLS_VERSION.exec(text)?.[1];
  const code = text.replaceAll(COMMENT_OR_TEXT, (found) => (found.startsWith('"') ? found : " "));
  const all = (pattern: string): readonly RegExpExecArray[] => [...code.matchAll(new RegExp(pattern, "g"))];
  const name = all(String.raw`\bPackage\s*\(\s*name\s*:\s*${TEXT}`)[0]?.[1];
  return {
    ...(toolsVersion === undefined ? {} : { toolsVersion }),
    ...(name === undefined || name === "" ? {} : { name }),
    platforms: all(String.raw`\.((?:macOS|iOS|tvOS|watchOS|visionOS|macCatalyst|driverKit)\s*\(\s*(?:\.v[\d_]+|"[\d.]+")\s*\))`).map(
      (match) => (match[1] as string).replaceAll(/\s/g, ""),
    ),
    products: all(String.raw`\.(library|executable|plugin)\s*\(\s*name\s*:\s*${TEXT}`).map((match) => ({
      kind: match[1] as string,
      name: match[2] as string,
    })),
    dependencies: all(String.raw`\.package\s*\(\s*(?:name\s*:\s*"[^"\n]*"\s*,\s*)?(?:url|id)\s*:\s*${TEXT}`).map(
      (match) => match[1] as string,
    ),
  };
}
