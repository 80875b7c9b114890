import { eachMessageAt, messageAt, messagesAt, numberAt, textAt } from "../../protobuf/wire.ts";

// Resources.proto of Android's aapt2.
const ITEM = { reference: 1, text: 2, rawText: 3, styledText: 4, file: 5 } as const;
const REFERENCE = { id: 2, name: 3 } as const;
const TABLE = { package: 2 } as const;
const PACKAGE = { id: 1, type: 3 } as const;
const TYPE = { id: 1, name: 2, entry: 3 } as const;
const ENTRY = { id: 1, name: 2, configured: 6 } as const;
const CONFIGURED = { configuration: 1, value: 2 } as const;
const VALUE = { item: 4 } as const;
/** Language. Which of the other qualifiers a value has does not matter here. */
const LOCALE = 3;
/** Tables searched for one value: references may branch, and each search passes over the whole table. */
const MAX_LOOKUPS = 8;
/** Entries passed over in all of them. */
const MAX_ENTRIES = 1_000_000;

/** What the searches of one bundle may cost together. */
export interface LookupBudget {
  lookups: number;
  entries: number;
}

export function createLookupBudget(): LookupBudget {
  return { lookups: MAX_LOOKUPS, entries: MAX_ENTRIES };
}

export interface Reference {
  /** 0 when only the name is known. */
  readonly id: number;
  /** `string/app_name`. */
  readonly name: string;
}

export function parseReference(item: Uint8Array | undefined): Reference | undefined {
  const reference = messageAt(item, ITEM.reference);
  if (reference === undefined) return undefined;
  return { id: Number(BigInt.asUintN(32, numberAt(reference, REFERENCE.id) ?? 0n)), name: textAt(reference, REFERENCE.name) ?? "" };
}

/** What a device without language settings may see for a reference: texts and paths of files, in the order of the table. */
export function resolveReference(table: Uint8Array, reference: Reference, budget: LookupBudget): readonly string[] {
  if (budget.lookups === 0) return [];
  budget.lookups -= 1;
  return itemsFor(table, reference, budget).flatMap((item) => {
    const next = parseReference(item);
    if (next !== undefined) return resolveReference(table, next, budget);
    const text = textAt(messageAt(item, ITEM.text) ?? messageAt(item, ITEM.rawText) ?? messageAt(item, ITEM.styledText), 1);
    const found = text ?? textAt(messageAt(item, ITEM.file), 1);
    return found === undefined ? [] : [found];
  });
}

function itemsFor(table: Uint8Array, reference: Reference, budget: LookupBudget): readonly Uint8Array[] {
  const [typeName = "", ...rest] = reference.name.split("/");
  const idOf = (message: Uint8Array, field: number): number => Number(numberAt(messageAt(message, field), 1) ?? 0n);
  for (const part of eachMessageAt(table, TABLE.package)) {
    if (reference.id !== 0 && idOf(part, PACKAGE.id) !== reference.id >>> 24) continue;
    for (const type of eachMessageAt(part, PACKAGE.type)) {
      const isType = reference.id === 0 ? textAt(type, TYPE.name) === typeName : idOf(type, TYPE.id) === ((reference.id >>> 16) & 0xff);
      if (!isType) continue;
      for (const entry of eachMessageAt(type, TYPE.entry)) {
        budget.entries -= 1;
        if (budget.entries < 0) return [];
        const isEntry =
          reference.id === 0 ? textAt(entry, ENTRY.name) === rest.join("/") : idOf(entry, ENTRY.id) === (reference.id & 0xffff);
        if (isEntry) return defaultItems(entry);
      }
    }
  }
  return [];
}

function defaultItems(entry: Uint8Array): readonly Uint8Array[] {
  return messagesAt(entry, ENTRY.configured)
    .filter((configured) => textAt(messageAt(configured, CONFIGURED.configuration), LOCALE) === undefined)
    .map((configured) => messageAt(messageAt(configured, CONFIGURED.value), VALUE.item))
    .filter((item) => item !== undefined);
}
