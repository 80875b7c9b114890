import { listKeys } from "../../service/repositories/keys.ts";
import { openOffline } from "../open-offline.ts";
import type { KeyFlags } from "./flags.ts";

export async function runKeysList(flags: KeyFlags): Promise<number> {
  const instance = await openOffline(flags);
  try {
    const keys = await listKeys(instance);
    const lines = keys.map(({ repository, family, state, fingerprint, createdAt, signsUntil }) => {
      const until = state === "takes leave" ? `  until ${signsUntil}` : "";
      return `${repository}  ${family}  ${state}  ${fingerprint}  since ${createdAt}${until}\n`;
    });
    process.stdout.write(flags["json"] === true ? `${JSON.stringify({ keys })}\n` : lines.join("") || "no keys yet: nothing was signed\n");
    return 0;
  } finally {
    await instance.db.close();
  }
}
