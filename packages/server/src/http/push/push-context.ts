import type { Caller, Instance } from "../../service/instance.ts";

/** A request of an ecosystem's own tool that changes something. */
export interface PushContext {
  readonly instance: Instance;
  readonly caller: Caller;
  readonly request: Request;
  readonly repository: string;
  /** Below the feed's address, decoded. */
  readonly path: string;
}
