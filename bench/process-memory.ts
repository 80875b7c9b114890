import { readFileSync } from "node:fs";

/** Resident memory of a process in MB (10^6 bytes): now, and the most it ever was. */
export function processMemory(pid: number): { readonly nowMb: number; readonly peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (field: string): number => (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN) * 1024) / 1e6;
  return { nowMb: read("VmRSS"), peakMb: read("VmHWM") };
}
