import { DistError } from "@distd/core";

/** What was found, or undefined when somebody removed it meanwhile. */
export async function unlessGone<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof DistError && error.code === "runtime/container-not-found") return undefined;
    throw error;
  }
}
