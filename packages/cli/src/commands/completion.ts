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

function fishLines({ name, summary, options }: Command): string {
  const [first = "", second] = name;
  const quoted = summary.replaceAll("'", "\\'");
  const own = Object.entries(options).map(
    ([option, entry]) =>
      `complete -c dist -n '__fish_seen_subcommand_from ${second ?? first}' -l ${option} -d '${entry.summary.replaceAll("'", "\\'")}'`,
  );
  const word =
    second === undefined
      ? `complete -c dist -n __fish_use_subcommand -a ${first} -d '${quoted}'`
      : `complete -c dist -n '__fish_seen_subcommand_from ${first}' -a ${second} -d '${quoted}'\ncomplete -c dist -n __fish_use_subcommand -a ${first}`;
  return [word, ...own].join("\n");
}
