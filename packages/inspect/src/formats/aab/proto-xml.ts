import { broken } from "../../broken.ts";
import { fieldsOf, messageAt, numberAt, textAt } from "../../protobuf/wire.ts";

// Resources.proto of Android's aapt2: field numbers of the messages that XML is made of.
const NODE = { element: 1 } as const;
const ELEMENT = { name: 3, attribute: 4, child: 5 } as const;
const ATTRIBUTE = { namespace: 1, name: 2, value: 3, resourceId: 5, compiled: 6 } as const;
const MAX_ELEMENTS = 100_000;
const ANDROID = "http://schemas.android.com/apk/res/android";

export interface ProtoAttribute {
  /** Without namespace; those of Android's namespace begin with `android:`. */
  readonly name: string;
  readonly value: string;
  /** The item it was compiled to, such as a reference. */
  readonly item?: Uint8Array;
}

export interface ProtoElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, ProtoAttribute>;
  readonly children: readonly ProtoElement[];
}

/** The root element of XML as app bundles store it. */
export function parseProtoXml(bytes: Uint8Array, maxDepth: number, what: string): ProtoElement {
  const budget = { left: MAX_ELEMENTS };
  const root = messageAt(bytes, NODE.element);
  if (root === undefined) throw broken(`${what} holds no element`);
  return parseElement(root, maxDepth, budget, what);
}

function parseElement(bytes: Uint8Array, depth: number, budget: { left: number }, what: string): ProtoElement {
  if (depth === 0) throw broken(`${what} is nested too deep`);
  budget.left -= 1;
  if (budget.left < 0) throw broken(`${what} has more than ${MAX_ELEMENTS} elements`);
  const attributes = new Map<string, ProtoAttribute>();
  const children: ProtoElement[] = [];
  for (const { number, bytes: content } of fieldsOf(bytes)) {
    if (content === undefined) continue;
    if (number === ELEMENT.attribute) {
      const attribute = parseAttribute(content);
      attributes.set(attribute.name, attribute);
    } else if (number === ELEMENT.child) {
      const child = messageAt(content, NODE.element);
      if (child !== undefined) children.push(parseElement(child, depth - 1, budget, what));
    }
  }
  return { name: textAt(bytes, ELEMENT.name) ?? "", attributes, children };
}

function parseAttribute(bytes: Uint8Array): ProtoAttribute {
  const [namespace, name, item] = [
    textAt(bytes, ATTRIBUTE.namespace),
    textAt(bytes, ATTRIBUTE.name) ?? "",
    messageAt(bytes, ATTRIBUTE.compiled),
  ];
  const isAndroid = namespace === ANDROID || (numberAt(bytes, ATTRIBUTE.resourceId) ?? 0n) >> 24n === 1n;
  return {
    name: isAndroid ? `android:${name}` : namespace === undefined ? name : `${namespace}:${name}`,
    value: textAt(bytes, ATTRIBUTE.value) ?? "",
    ...(item === undefined ? {} : { item }),
  };
}
