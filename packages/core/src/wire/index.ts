export * from "./api.ts";
export * from "./channel-document.ts";
export * from "./dsse.ts";
export * from "./testers.ts";
