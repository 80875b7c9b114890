/** The Engine says the first year for a time that has not come. */
export function knownTime(time: string | undefined): string | null {
  return time === undefined || time === "" || time.startsWith("0001-01-01") ? null : time;
}
