import { DistError, ERROR_CODES, isErrorCode } from "@distd/core";
import type { Command } from "../command.ts";
import { renderTable } from "../output/table.ts";

export const explain: Command = {
  name: ["explain"],
  summary: "What an error code means and what to do",
  positionals: [{ name: "CODE", count: "one" }],
  options: {},
  async run({ args, output }) {
    const [code = ""] = args;
    if (!isErrorCode(code)) {
      const area = code.split("/")[0] ?? "";
      const near = Object.keys(ERROR_CODES).filter((known) => known.startsWith(`${area}/`));
      throw new DistError("code/not-found", `there is no code '${code}'`, near.length > 0 ? { hint: `there are: ${near.join(", ")}` } : {});
    }
    const { title, hint, status, exit } = ERROR_CODES[code];
    output.result(
      { code, title, hint, status, exit },
      renderTable([
        ["code", code],
        ["meaning", title],
        ["what to do", hint],
        ["exit code", String(exit)],
        ["HTTP status", String(status)],
      ]),
    );
    return 0;
  },
};
