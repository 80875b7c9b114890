import { dirname } from "node:path";
import { FETCH_CLIENTS, type ClientRan, type Home } from "../client.ts";
import { type PinName, PINS, programOf } from "../clients/pins.ts";

/** An application in Python that lies in a folder with all it needs. */
export interface PythonApplication {
  readonly name: string;
  readonly missing: string | undefined;
  run(home: Home, args: readonly string[], options?: Parameters<Home["run"]>[1]): Promise<ClientRan>;
}

export function pythonApplication(pin: PinName): PythonApplication {
  const program = programOf(pin);
  return {
    name: `${pin} ${PINS[pin].version}`,
    missing: program === undefined ? FETCH_CLIENTS : undefined,
    run(home, args, options = {}) {
      if (program === undefined) throw new Error(FETCH_CLIENTS);
      const env = {
        PYTHONPATH: dirname(dirname(program)),
        PYTHONDONTWRITEBYTECODE: "1",
        // The machine's key ring is nobody's business here.
        PYTHON_KEYRING_BACKEND: "keyring.backends.null.Keyring",
        ...options.env,
      };
      return home.run([program, ...args], { ...options, env });
    },
  };
}
