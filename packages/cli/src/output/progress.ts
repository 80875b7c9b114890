import { fitDisplay, formatBytes } from "@distd/core";
import { formatDuration } from "./amounts.ts";
import type { Output } from "./output.ts";

/** Bytes on their way, per file and in all. */
export interface Progress {
  /** `done` of a file's bytes are where they should be. */
  update(file: string, done: number): void;
  finish(): void;
}

const REDRAW_MS = 100;
/** In a log without a terminal, a line this often. */
const LINE_MS = 10_000;
const BAR_COLUMNS = 24;
const NAME_COLUMNS = 28;

export function createProgress(
  output: Output,
  files: readonly { readonly name: string; readonly size: number }[],
  now: () => number = performance.now.bind(performance),
): Progress {
  const done = new Map(files.map(({ name }) => [name, 0]));
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const started = now();
  let first: number | undefined;
  let lastDrawn = started;
  let lines = 0;

  const sum = (): number => [...done.values()].reduce((bytes, part) => bytes + part, 0);
  const summary = (): string => {
    const seconds = (now() - started) / 1000;
    const rate = seconds > 0 ? (sum() - (first ?? 0)) / seconds : 0;
    const left = rate > 0 ? ` · ${formatDuration(((total - sum()) / rate) * 1000)} left` : "";
    return `${formatBytes(sum())} of ${formatBytes(total)} · ${formatBytes(rate)}/s${sum() < total ? left : ""}`;
  };
  const draw = (): void => {
    const rows = files.map(
      ({ name, size }) => `  ${fitDisplay(name, NAME_COLUMNS)} ${bar((done.get(name) ?? 0) / Math.max(1, size))} ${formatBytes(size)}`,
    );
    if (files.length > 1) rows.push(`  ${fitDisplay("total", NAME_COLUMNS)} ${bar(sum() / Math.max(1, total))}`);
    rows.push(`  ${output.style.dim(summary())}`);
    output.draw(`${lines > 0 ? `\u001b[${lines}A` : ""}${rows.map((row) => `\u001b[2K${row}\n`).join("")}`);
    lines = rows.length;
  };

  return {
    update(file, bytes) {
      done.set(file, bytes);
      first ??= sum();
      const at = now();
      if (at - lastDrawn < (output.isInteractive ? REDRAW_MS : LINE_MS)) return;
      lastDrawn = at;
      if (output.isInteractive) draw();
      else output.note(summary());
    },
    finish() {
      if (output.isInteractive && lines > 0) draw();
    },
  };
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, share) * BAR_COLUMNS);
  return `${"━".repeat(filled)}${"╌".repeat(BAR_COLUMNS - filled)} ${String(Math.floor(Math.min(1, share) * 100)).padStart(3)} %`;
}
