// An exec that can be ended starts as a shell that says its own pid, in the first line of what it writes, and becomes the command. It has the pid of its
// process group too: runc and crun start every exec in a session of its own.
const SAY_PID = 'command -v "$1" >/dev/null 2>&1 || { echo missing >&2; exit 127; }; echo "$$" >&2; exec "$@"';

/** TERM, and KILL to what is left after half a second. No `--` before a group: not every shell takes it. */
const END_GROUP = `kill -TERM "-$1" 2>/dev/null
i=0
while [ $i -lt 10 ] && kill -0 "-$1" 2>/dev/null; do i=$((i+1)); sleep 0.05; done
kill -KILL "-$1" 2>/dev/null
exit 0`;

export const SHELL = "/bin/sh";

export function withPid(command: readonly string[]): readonly [string, ...string[]] {
  return [SHELL, "-c", SAY_PID, "sh", ...command];
}

export function endGroup(pid: number): readonly [string, ...string[]] {
  return [SHELL, "-c", END_GROUP, "sh", String(pid)];
}
