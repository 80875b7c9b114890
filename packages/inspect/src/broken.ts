import { DistError } from "@distd/core";

/** The one refusal of this package. */
export function broken(message: string, cause?: unknown): DistError {
  return new DistError("artifact/broken", message, cause === undefined ? {} : { cause });
}

/** Whole, and of a kind that is not known here: nothing can be said of it. */
export function unknownKind(message: string): DistError {
  return new DistError("artifact/broken", message, { details: { unknownKind: true } });
}

export function isUnknownKind(thrown: DistError): boolean {
  return thrown.details?.["unknownKind"] === true;
}

export function isBroken(thrown: unknown): thrown is DistError {
  return thrown instanceof DistError && (thrown.code === "artifact/broken" || thrown.code === "text/invalid-utf8");
}

/** Runs an inspection. Text that is not UTF-8 is the user's mistake elsewhere; inside an artifact it is damage. */
export async function refusingBadText<T>(inspection: () => Promise<T>): Promise<T> {
  try {
    return await inspection();
  } catch (thrown) {
    if (thrown instanceof DistError && thrown.code === "text/invalid-utf8") throw broken(thrown.message, thrown);
    throw thrown;
  }
}

/** The value, or the refusal as a value: for parts that may be damaged while the artifact as a whole is still what a device reads. */
export async function attempt<T>(part: () => T | Promise<T>): Promise<{ readonly value: T } | { readonly error: DistError }> {
  try {
    return { value: await part() };
  } catch (thrown) {
    if (isBroken(thrown)) return { error: thrown };
    throw thrown;
  }
}
