import { broken } from "./broken.ts";

/** What is left of one limit. Shared by everything that counts against it during one inspection. */
export interface Budget {
  readonly left: number;
  /** Throws when there is less left than `amount`. */
  spend(amount: number, what: string): void;
}

export function createBudget(maxBytes: number): Budget {
  let left = maxBytes;
  return {
    get left() {
      return left;
    },
    spend(amount, what) {
      if (amount > left) throw broken(`${what} needs ${amount} bytes, ${left} of ${maxBytes} are left for this artifact`);
      left -= amount;
    },
  };
}
