// Defines what a combiner is, and gathers a key's values in small groups for combiners that take values of any kind.

import { valueBytes } from './value-size.ts';

/** Combines the values of one key. A combiner of numbers also has a fold, which takes two at a time. */
export interface Combiner {
  readonly combine: (key: string, values: Iterable<unknown>) => unknown;
  readonly fold?: ((a: number, b: number) => number) | undefined;
  /** Whether the fold is addition. */
  readonly adds?: boolean | undefined;
}

export type FoldingCombiner = Combiner & { readonly fold: (a: number, b: number) => number };

/** Whether a combiner takes two numbers at a time. */
export function canFold(combiner: Combiner): combiner is FoldingCombiner {
  return combiner.fold !== undefined;
}

/** How many values of a key gather before they are combined. */
const GROUP_VALUES = 16;
/** The memory that a group takes beside its values. */
const GROUP_BYTES = 200;

/** Values of one key that wait to be combined. */
export class Gathered {
  #group: unknown[];
  /** An estimate of the memory that the group takes. */
  bytes: number;

  constructor(first: unknown) {
    this.#group = [first];
    this.bytes = GROUP_BYTES + valueBytes(first);
  }

  add(key: string, value: unknown, combiner: Combiner): void {
    this.#group.push(value);
    this.bytes += valueBytes(value);
    if (this.#group.length < GROUP_VALUES) return;
    const combined = combiner.combine(key, this.#group);
    this.#group = [combined];
    this.bytes = GROUP_BYTES + valueBytes(combined);
  }

  /** All values of the group, combined into one. */
  settle(key: string, combiner: Combiner): unknown {
    return this.#group.length === 1 ? this.#group[0] : combiner.combine(key, this.#group);
  }
}
