import { broken } from "../../broken.ts";
import { parsePlist } from "../../plist/parse-plist.ts";
import { dateAt, dictAt, dictToJson, type PlistDict, stringAt, stringsAt } from "../../plist/plist-value.ts";
import { present } from "../../present.ts";
import { parseSignedData } from "../../x509/signed-data.ts";
import type { Zip } from "../../zip/open-zip.ts";

/** Of the message; a list of a hundred thousand devices fits. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The profile in `embedded.mobileprovision`: a CMS message by Apple around a property list. Its signature is not verified. */
export async function readProvisioning(zip: Zip, path: string, maxDepth: number): Promise<PlistDict | undefined> {
  const entry = zip.find(`${path}embedded.mobileprovision`);
  if (entry === undefined) return undefined;
  if (entry.bytes > MAX_BYTES) throw broken(`${entry.name} claims ${entry.bytes} bytes, at most ${MAX_BYTES} are read`);
  const { content } = parseSignedData(await zip.read(entry));
  if (content === undefined) throw broken("the provisioning profile is empty");
  return parsePlist(content, maxDepth, "the provisioning profile");
}

/** What the profile allows: which devices, until when, by whom. */
export function describeProvisioning(profile: PlistDict): Readonly<Record<string, unknown>> {
  const entitlements = dictAt(profile, "Entitlements") ?? {};
  const facts = {
    type: profileType(profile, entitlements),
    name: stringAt(profile, "Name"),
    uuid: stringAt(profile, "UUID"),
    teamId: stringsAt(profile, "TeamIdentifier")[0] ?? stringAt(entitlements, "com.apple.developer.team-identifier"),
    teamName: stringAt(profile, "TeamName"),
    appId: stringAt(entitlements, "application-identifier"),
    createdAt: dateAt(profile, "CreationDate"),
    expiresAt: dateAt(profile, "ExpirationDate"),
    entitlements: dictToJson(entitlements),
    devices: Array.isArray(profile["ProvisionedDevices"]) ? stringsAt(profile, "ProvisionedDevices") : undefined,
  };
  return present(facts);
}

/** Only development allows a debugger; only enterprise allows every device; a profile for the store lists none. */
function profileType(profile: PlistDict, entitlements: PlistDict): string {
  if (profile["ProvisionsAllDevices"] === true) return "enterprise";
  if (!Array.isArray(profile["ProvisionedDevices"])) return "app-store";
  return entitlements["get-task-allow"] === true ? "development" : "ad-hoc";
}
