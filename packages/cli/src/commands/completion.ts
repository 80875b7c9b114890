import { DistError } from "@distd/core";
import { type Command, GLOBAL_OPTIONS } from "../command.ts";

const shells = ["bash", "zsh", "fish"] as const;

export const completion: Command = {
  name: ["completion"],
  summary: "A completion script for bash, zsh or fish",
  positionals: [{ name: "SHELL", count: "one" }],
  options: {},
  async run({ args, output, commands }) {
    const [shell = ""] = args;
    const script = renderCompletion(shell, commands);
    output.result({ shell, script }, script);
    return 0;
  },
};

export function renderCompletion(shell: string, commands: readonly Command[]): string {
  switch (shell) {
    case "bash":
      return `# eval "$(dist completion bash)"\n_dist() {\n  local line="\${COMP_WORDS[*]:1:COMP_CWORD-1}" current="\${COMP_WORDS[COMP_CWORD]}" words=""\n${cases(commands)}\n  COMPREPLY=($(compgen -W "$words" -- "$current"))\n  [ -n "$words" ] && [ -n "\${COMPREPLY[*]}" ] || COMPREPLY=($(compgen -f -- "$current"))\n}\ncomplete -o filenames -F _dist dist distctl\n`;
    case "zsh":
      return `#compdef dist distctl\n# eval "$(dist completion zsh)"\n_dist() {\n  local line="\${words[2,CURRENT-1]}" words_=""\n${cases(commands).replaceAll("words=", "words_=")}\n  compadd -- \${=words_} || _files\n}\ncompdef _dist dist distctl\n`;
    case "fish":
      return `# dist completion fish | source\n${commands.map(fishLines).join("\n")}\n`;
    default:
      throw new DistError("usage/invalid", `'${shell}' is not a shell this knows: ${shells.join(", ")}`);
  }
}

/** For every beginning of a command line the words that may follow. */
function cases(commands: readonly Command[]): string {
  const groups = new Map<string, string[]>();
  for (const { name } of commands) {
    const [first = "", second] = name;
    groups.set("", [...(groups.get("") ?? []), first]);
    if (second !== undefined) groups.set(first, [...(groups.get(first) ?? []), second]);
  }
  const lines = [...groups].map(([line, words]) => `    "${line}") words="${[...new Set(words)].join(" ")}" ;;`);
  const options = commands.map((command) => `    "${command.name.join(" ")}"*) words="${optionWords(command)}" ;;`);
  return `  case "$line" in\n${[...lines, ...options].join("\n")}\n  esac`;
}

function optionWords({ options }: Command): string {
  return Object.keys({ ...options, ...GLOBAL_OPTIONS })
    .map((name) => `--${name}`)
    .join(" ");
}

/** Words are offered without files beside them (`-f`); where a command takes files, fish offers those by itself. */
function fishLines({ name, summary, options }: Command): string {
  const [first = "", second] = name;
  const describe = (text: string): string => `-d '${text.replaceAll("'", "\\'")}'`;
  const typed = `__fish_seen_subcommand_from ${first}`;
  const words =
    second === undefined
      ? [`complete -c dist -f -n __fish_use_subcommand -a ${first} ${describe(summary)}`]
      : [
          `complete -c dist -f -n __fish_use_subcommand -a ${first}`,
          `complete -c dist -f -n '${typed}; and test (count (commandline -opc)) -eq 2' -a ${second} ${describe(summary)}`,
        ];
  const whole = second === undefined ? typed : `${typed}; and __fish_seen_subcommand_from ${second}`;
  const own = Object.entries({ ...options, ...GLOBAL_OPTIONS }).map(
    ([option, entry]) => `complete -c dist -n '${whole}' -l ${option} ${describe(entry.summary)}`,
  );
  return [...words, ...own].join("\n");
}
