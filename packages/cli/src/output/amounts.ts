/** `6.2 s`, `3 min 20 s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `90d`, `12h`, `30m`, `45s` in seconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^([1-9][0-9]{0,8})([dhms])$/.exec(text) ?? [];
  const seconds = { d: 86_400, h: 3_600, m: 60, s: 1 }[unit ?? ""];
  return amount === undefined || seconds === undefined ? undefined : Number(amount) * seconds;
}

/** `2 d`, `4 min`, `3 wk` ago, for lists; the exact moment stands in JSON. */
export function formatAge(from: string, now: number): string {
  const minutes = Math.max(0, Math.round((now - Date.parse(from)) / 60_000));
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h`;
  return minutes < 21 * 1440 ? `${Math.round(minutes / 1440)} d` : `${Math.round(minutes / 10_080)} wk`;
}
