export { findFormat, inspectArtifact } from "./inspect.ts";
export { readIcon } from "./icons/read-icon.ts";
export { type Inspection, readArtifact } from "./read-artifact.ts";
export { FORMATS } from "./formats/index.ts";
export type { Inspector, Sniff, SniffResult } from "./inspector.ts";
export { DEFAULT_LIMITS, type InspectLimits, SNIFF_BYTES } from "./limits.ts";
