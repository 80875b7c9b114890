import { DistError } from "../errors/dist-error.ts";
import { type Architecture, isPlatform, parseArchitecture, type Platform } from "./words.ts";

/** What a channel head is for: a kind of device. */
export interface Target {
  readonly platform: Platform;
  readonly arch: Architecture;
  /** libc, ABI, flavour, quantisation; empty for the usual one. */
  readonly variant: string;
}

const variantPattern = /^[a-z0-9][a-z0-9._-]{0,31}$/;

export function parseVariant(text: string): string {
  if (text !== "" && !variantPattern.test(text)) {
    throw new DistError("usage/invalid", `'${text.slice(0, 80)}' is not a variant: up to 32 of a-z, 0-9, dot, hyphen, underscore`);
  }
  return text;
}

/** `android/any`, `macos/arm64`, `linux/x64/musl`. */
export function renderTarget(target: Target): string {
  const base = `${target.platform}/${target.arch}`;
  return target.variant === "" ? base : `${base}/${target.variant}`;
}

export function parseTarget(text: string): Target {
  const [platform = "", arch = "any", variant = "", ...rest] = text.split("/");
  const architecture = parseArchitecture(arch);
  if (!isPlatform(platform) || architecture === undefined || rest.length > 0) {
    throw new DistError("usage/invalid", `'${text.slice(0, 80)}' is not a target: PLATFORM, PLATFORM/ARCH or PLATFORM/ARCH/VARIANT`);
  }
  return { platform, arch: architecture, variant: parseVariant(variant) };
}

/** Whether a build for `wide` replaces one for `narrow`: the same platform and variant, and its architecture or all of them. */
export function covers(wide: Target, narrow: Target): boolean {
  return wide.platform === narrow.platform && wide.variant === narrow.variant && (wide.arch === "any" || wide.arch === narrow.arch);
}
