// Property lists as XML, laid out as Apple's tools do.
export type PlistValue = string | number | boolean | Date | Uint8Array | PlistValue[] | PlistDict;
export interface PlistDict {
  [key: string]: PlistValue;
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function element(value: PlistValue, indent: string): string {
  if (typeof value === "string") return `${indent}<string>${escaped(value)}</string>\n`;
  if (typeof value === "number") return `${indent}<integer>${value}</integer>\n`;
  if (typeof value === "boolean") return `${indent}<${value}/>\n`;
  if (value instanceof Date) return `${indent}<date>${value.toISOString().replace(".000", "")}</date>\n`;
  if (value instanceof Uint8Array) return `${indent}<data>${Buffer.from(value).toString("base64")}</data>\n`;
  if (Array.isArray(value)) {
    return `${indent}<array>\n${value.map((item) => element(item, `${indent}\t`)).join("")}${indent}</array>\n`;
  }
  const pairs = Object.entries(value).map(([key, item]) => `${indent}\t<key>${escaped(key)}</key>\n${element(item, `${indent}\t`)}`);
  return `${indent}<dict>\n${pairs.join("")}${indent}</dict>\n`;
}

export function plistXml(root: PlistDict): Buffer {
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${element(root, "")}</plist>
`,
  );
}
