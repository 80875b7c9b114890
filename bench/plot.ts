import { type Measurement, median } from "./measurement.ts";

const WIDTH = 720;
const LABEL = 190;
const ROW = 34;

/** A bar for each contender's median, a dot for each run. Readable on light and dark. */
export function plot({ title, unit, runs, better }: Measurement): string {
  const rows = Object.entries(runs);
  const most = Math.max(...rows.flatMap(([, list]) => list)) * 1.05;
  const x = (value: number): number => LABEL + (value / most) * (WIDTH - LABEL - 110);
  const height = rows.length * ROW + 44;
  const bars = rows.map(([name, list], index) => {
    const y = 30 + index * ROW;
    const value = median(list);
    const dots = list.map((run) => `<circle cx="${x(run).toFixed(1)}" cy="${y + 11}" r="2.5" class="dot"/>`).join("");
    return `<text x="${LABEL - 10}" y="${y + 15}" text-anchor="end">${escape(name)}</text><rect x="${LABEL}" y="${y}" width="${(x(value) - LABEL).toFixed(1)}" height="22" class="${name.startsWith("distd") ? "ours" : "theirs"}"/>${dots}<text x="${(Math.max(x(value), ...list.map(x)) + 8).toFixed(1)}" y="${y + 15}">${value >= 1000 ? Math.round(value).toLocaleString("en") : value.toFixed(2)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui,sans-serif" font-size="13">
<style>text{fill:#1a1a1a}.ours{fill:#1f5fd6}.theirs{fill:#b9bec7}.dot{fill:#1a1a1a;opacity:.55}@media (prefers-color-scheme:dark){text{fill:#ececec}.ours{fill:#7aa7ff}.theirs{fill:#555b66}.dot{fill:#ececec}}</style>
<text x="0" y="16" font-weight="600">${escape(title)}</text>
${bars.join("\n")}
<text x="0" y="${height - 4}" opacity=".7">${unit}, ${better} is better; dots are runs</text>
</svg>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
