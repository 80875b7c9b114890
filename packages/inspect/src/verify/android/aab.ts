import type { ByteSource } from "@distd/core";
import { findJarSigners } from "../../formats/apk/jar-signature.ts";
import { openZip } from "../../zip/open-zip.ts";
import { UNSIGNED, type Verdict } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import { VERIFY_LIMITS } from "./apk-file.ts";
import { signaturesOf } from "./apk-verdict.ts";
import { digestEntries } from "./jar/entry-digests.ts";
import { readManifest } from "./jar/read-manifest.ts";
import { TODAY, verifyJarOrRefuse } from "./jar/verify-jar.ts";
import { once } from "./once.ts";
import { readAhead } from "./read-ahead.ts";

/** An app bundle is a signed jar: what stores verify when it is handed in. No phone ever sees it. */
export async function verifyAab(file: ByteSource, { trust }: VerifyContext): Promise<Verdict> {
  const source = readAhead(file);
  const zip = await openZip(source, VERIFY_LIMITS, { contiguous: false, mayHoldUnread: true });
  if (findJarSigners(zip).length === 0) return UNSIGNED;
  const manifest = once(() => readManifest(source, zip));
  const digests = once(() => digestEntries(source, { zip, manifest }, [TODAY]));
  const result = await verifyJarOrRefuse({ source, zip, manifest, digests }, { minSdk: undefined, found: undefined });
  const signatures = await signaturesOf(result, { trust, scheme: "jar" });
  return { intact: result.holds, trusted: signatures.some(({ trusted }) => trusted), signatures, problems: [] };
}
