import { asDistError } from "@distd/core";
import type { InstanceDocument } from "@distd/core/wire";
import type { Api } from "../api/api.ts";
import type { Command } from "../command.ts";
import { renderTable } from "../output/table.ts";
import { VERSION } from "../version.ts";

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly text: string;
}

/** Clocks further apart than this make tokens and documents look expired. */
const MAX_SKEW_SECONDS = 60;

export const doctor: Command = {
  name: ["doctor"],
  summary: "Check the connection, the token, the clock and the versions",
  positionals: [],
  options: {},
  async run({ output, connect }) {
    const api = connect();
    const findings: Finding[] = [];
    const check = async (name: string, look: () => Promise<{ ok: boolean; text: string }>): Promise<void> => {
      findings.push({ check: name, ...(await look().catch((thrown: unknown) => ({ ok: false, text: asDistError(thrown).message }))) });
    };
    await check("server", async () => {
      const instance = await api.get<InstanceDocument>("/api/v1/instance");
      const skew = Math.round((Date.parse(instance.now) - Date.now()) / 1000);
      findings.push({ check: "versions", ok: instance.version === VERSION, text: `dist ${VERSION}, distd ${instance.version}` });
      findings.push({
        check: "clock",
        ok: Math.abs(skew) <= MAX_SKEW_SECONDS,
        text: skew === 0 ? "agrees with the server" : `${Math.abs(skew)} s ${skew > 0 ? "behind" : "ahead of"} the server`,
      });
      return { ok: true, text: `${api.server} answers, key ${instance.keyId.slice(0, 12)}` };
    });
    await check("ready", () => isReady(api));
    await check("token", async () => {
      const principal = await api.get<{ id: string; kind: string; scopes: string[] }>("/api/v1/principal");
      return {
        ok: principal.kind !== "anonymous",
        text:
          principal.kind === "anonymous" ? "none: set DIST_TOKEN or run 'dist login'" : `${principal.id}: ${principal.scopes.join(", ")}`,
      };
    });
    const ok = findings.every((finding) => finding.ok);
    output.result(
      { ok, findings },
      renderTable(findings.map((finding) => [finding.ok ? output.style.good("ok") : output.style.bad("no"), finding.check, finding.text])),
    );
    return ok ? 0 : 1;
  },
};

async function isReady(api: Api): Promise<{ ok: boolean; text: string }> {
  const { ok, status } = await api.send("/readyz", {});
  return { ok, text: ok ? "database and store answer" : `the server answers ${status}` };
}
