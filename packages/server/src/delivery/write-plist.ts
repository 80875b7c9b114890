/** What property lists of ours hold. */
export type PlistNode = string | readonly PlistNode[] | { readonly [key: string]: PlistNode };

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n';

/** A property list as XML. Letters that XML cannot carry are left out. */
export function writePlist(node: PlistNode): string {
  return `${HEAD}<plist version="1.0">${render(node)}</plist>\n`;
}

function render(node: PlistNode): string {
  if (typeof node === "string") return `<string>${escape(node)}</string>`;
  if (isList(node)) return `<array>${node.map(render).join("")}</array>`;
  const entries = Object.entries(node).map(([key, value]) => `<key>${escape(key)}</key>${render(value)}`);
  return `<dict>${entries.join("")}</dict>`;
}

function isList(node: PlistNode): node is readonly PlistNode[] {
  return Array.isArray(node);
}

/** XML 1.0 §2.2: no control characters but tab and ends of lines, nothing unpaired. A carriage return would become a line feed. */
function escape(text: string): string {
  return (
    text
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- these are the ones
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
      .replace(/[&<>"\r]/g, (mark) => `&#${mark.charCodeAt(0)};`)
  );
}
