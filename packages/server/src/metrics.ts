import { statSync } from "node:fs";

/** Counters in memory and their text for Prometheus. Labels are route patterns and codes, never names or secrets. */
export interface Metrics {
  countRequest(route: string, status: number): void;
  countBytes(direction: "received" | "sent", bytes: number): void;
  render(gauges: Readonly<Record<string, number>>): string;
}

export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  const bytes = { received: 0, sent: 0 };
  return {
    countRequest(route, status) {
      const labels = `route="${route}",status="${status}"`;
      requests.set(labels, (requests.get(labels) ?? 0) + 1);
    },
    countBytes(direction, count) {
      bytes[direction] += count;
    },
    render(gauges) {
      const lines = ["# TYPE distd_http_requests_total counter"];
      for (const [labels, count] of requests) lines.push(`distd_http_requests_total{${labels}} ${count}`);
      lines.push("# TYPE distd_bytes_total counter");
      for (const [direction, count] of Object.entries(bytes)) lines.push(`distd_bytes_total{direction="${direction}"} ${count}`);
      for (const [name, value] of Object.entries({ ...gauges, process_resident_memory_bytes: process.memoryUsage.rss() }))
        lines.push(`# TYPE ${name} gauge`, `${name} ${value}`);
      return `${lines.join("\n")}\n`;
    },
  };
}

/** Bytes of a file; 0 when it is not there. */
export function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
