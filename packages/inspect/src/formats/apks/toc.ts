import { broken } from "../../broken.ts";
import { messageAt, messagesAt, numberAt, textAt } from "../../protobuf/wire.ts";

// commands.proto and targeting.proto of bundletool: field numbers of the messages in toc.pb.
const RESULT = { variant: 1, bundletool: 2, assetSlices: 3, packageName: 4 } as const;
const VARIANT = { apkSet: 2 } as const;
const APK_SET = { module: 1, apk: 2 } as const;
const MODULE = { name: 1 } as const;
const APK = { targeting: 1, path: 2, split: 3, standalone: 4 } as const;
const SPLIT = { id: 1, isMaster: 2 } as const;
const BUNDLETOOL = { version: 2 } as const;
const ABI_TARGETING = 1;
const ABI_VALUE = 1;
const ABI_ALIAS = 1;
const ABIS = [undefined, "armeabi", "armeabi-v7a", "arm64-v8a", "x86", "x86_64", "mips", "mips64", "riscv64"] as const;
const MAX_APKS = 10_000;

export interface SetApk {
  readonly path: string;
  readonly module: string;
  readonly kind: "split" | "standalone" | "other";
  /** The split every device gets of its module. */
  readonly isMaster: boolean;
  readonly abis: readonly string[];
}

export interface ApkSetContents {
  readonly packageName?: string;
  readonly bundletool?: string;
  readonly apks: readonly SetApk[];
}

/** What `toc.pb` lists; an APK that several variants share is listed once. */
export function parseContents(bytes: Uint8Array): ApkSetContents {
  const sets = [
    ...messagesAt(bytes, RESULT.variant).flatMap((variant) => messagesAt(variant, VARIANT.apkSet)),
    ...messagesAt(bytes, RESULT.assetSlices),
  ];
  const apks = new Map<string, SetApk>();
  for (const set of sets) {
    const module = textAt(messageAt(set, APK_SET.module), MODULE.name) ?? "";
    for (const apk of messagesAt(set, APK_SET.apk)) {
      const path = textAt(apk, APK.path) ?? "";
      if (!apks.has(path)) apks.set(path, parseApk(apk, path, module));
      if (apks.size > MAX_APKS) throw broken(`apks: more than ${MAX_APKS} APKs`);
    }
  }
  const [packageName, bundletool] = [textAt(bytes, RESULT.packageName), textAt(messageAt(bytes, RESULT.bundletool), BUNDLETOOL.version)];
  return {
    apks: [...apks.values()],
    ...(packageName === undefined ? {} : { packageName }),
    ...(bundletool === undefined ? {} : { bundletool }),
  };
}

function parseApk(apk: Uint8Array, path: string, module: string): SetApk {
  const split = messageAt(apk, APK.split);
  const isStandalone = messageAt(apk, APK.standalone) !== undefined;
  const targeting = messageAt(messageAt(apk, APK.targeting), ABI_TARGETING);
  const abis = messagesAt(targeting, ABI_VALUE).map((abi) => ABIS[Number(numberAt(abi, ABI_ALIAS) ?? 0n)]);
  return {
    path,
    module,
    kind: split === undefined ? (isStandalone ? "standalone" : "other") : "split",
    isMaster: split !== undefined && numberAt(split, SPLIT.isMaster) === 1n && textAt(split, SPLIT.id) === undefined,
    abis: abis.filter((abi) => abi !== undefined),
  };
}
