import { decodeUtf8 } from "@distd/core";
import { broken } from "../broken.ts";
import { allFields, type HeaderField, oneField, parseFields } from "../headers/parse-fields.ts";
import { present } from "../present.ts";

export const MAX_METADATA_BYTES = 4 * 1024 * 1024;

export interface CoreMetadata {
  readonly name: string;
  readonly version: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Python's core metadata (packaging.python.org): METADATA of a wheel, PKG-INFO of a source distribution. `UNKNOWN` is old setuptools' "absent". */
export function parseCoreMetadata(bytes: Uint8Array, what: string): CoreMetadata {
  const fields = parseFields(decodeUtf8(bytes));
  const [name, version] = [oneField(fields, "Name"), oneField(fields, "Version")];
  if (name === undefined || version === undefined) throw broken(`${what} lacks a name or version`);
  return { name, version, details: describe(fields) };
}

function describe(fields: readonly HeaderField[]): Readonly<Record<string, unknown>> {
  const known = (name: string): string | undefined => {
    // Of a field that stands there twice Python takes the first.
    const value = allFields(fields, name)[0];
    return value === "UNKNOWN" || value === "" ? undefined : value;
  };
  const list = (name: string): readonly string[] | undefined => {
    const values = allFields(fields, name).filter((value) => value !== "" && value !== "UNKNOWN");
    return values.length === 0 ? undefined : values;
  };
  return present({
    metadataVersion: known("Metadata-Version"),
    summary: known("Summary"),
    license: known("License"),
    licenseExpression: known("License-Expression"),
    licenseFiles: list("License-File"),
    author: known("Author"),
    authorEmail: known("Author-email"),
    maintainer: known("Maintainer"),
    maintainerEmail: known("Maintainer-email"),
    homepage: known("Home-page"),
    projectUrls: list("Project-URL"),
    keywords: known("Keywords"),
    descriptionType: known("Description-Content-Type"),
    requiresPython: known("Requires-Python"),
    requiresDist: list("Requires-Dist"),
    providesExtra: list("Provides-Extra"),
    requiresExternal: list("Requires-External"),
    platforms: list("Platform"),
    classifiers: list("Classifier"),
    dynamic: list("Dynamic"),
  });
}
