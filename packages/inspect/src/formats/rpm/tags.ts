/** rpmtag.h: the package header's own numbers. */
export const TAG = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  description: 1005,
  buildTime: 1006,
  buildHost: 1007,
  size: 1009,
  vendor: 1011,
  license: 1014,
  packager: 1015,
  group: 1016,
  url: 1020,
  os: 1021,
  architecture: 1022,
  oldFileNames: 1027,
  sourceRpm: 1044,
  rpmVersion: 1064,
  sourcePackage: 1106,
  baseNames: 1117,
  payloadFormat: 1124,
  payloadCompressor: 1125,
  longSize: 5009,
  modularityLabel: 5096,
  payloadBytes: 5112,
  formatVersion: 5114,
} as const;

/** Programs rpm runs, by the name their section has in a spec file. */
export const SCRIPT_TAGS: readonly (readonly [script: string, tag: number])[] = [
  ["pre", 1023],
  ["post", 1024],
  ["preun", 1025],
  ["postun", 1026],
  ["pretrans", 1151],
  ["posttrans", 1152],
  ["preuntrans", 5104],
  ["postuntrans", 5105],
  ["trigger", 1065],
  ["filetrigger", 5066],
  ["transfiletrigger", 5076],
  ["verify", 1079],
];

/** Relations: names, flags and versions in three lists of equal length. */
export const RELATION_TAGS: readonly (readonly [field: string, names: number, flags: number, versions: number])[] = [
  ["provides", 1047, 1112, 1113],
  ["requires", 1049, 1048, 1050],
  ["conflicts", 1054, 1053, 1055],
  ["obsoletes", 1090, 1114, 1115],
  ["recommends", 5046, 5048, 5047],
  ["suggests", 5049, 5051, 5050],
  ["supplements", 5052, 5054, 5053],
  ["enhances", 5055, 5057, 5056],
];

/** The signature header's numbers. */
export const SIGNATURE_TAG = {
  longSize: 270,
  size: 1000,
} as const;
