// Calls all checkers, and keeps the first violation.

import { messageOf } from '../../src/errors.ts';
import { newCheckers } from './checkers/all.ts';
import type { Checker, Scene } from './checkers/checker.ts';
import type { Plan } from './plan.ts';

/** A violation that a checker has found. */
export interface Violation {
  readonly checker: string;
  readonly sentence: string;
}

export class Inspection {
  violation: Violation | undefined;
  readonly #checkers: readonly Checker[];

  constructor(plan: Plan) {
    this.#checkers = newCheckers(plan);
  }

  check(scene: Scene | undefined, look: (checker: Checker, scene: Scene) => void): void {
    if (scene === undefined) return;
    for (const checker of this.#checkers) this.guard(checker.name, () => look(checker, scene));
  }

  /** Runs `look`. An error that it throws is a violation, found by `checker`. */
  guard(checker: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#violate(checker, error);
    }
  }

  /** Wraps an object: errors of its methods are recorded at once as violations, and thrown on. */
  guarded<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...values: unknown[]): unknown => {
          try {
            return Reflect.apply(value, target, values) as unknown;
          } catch (error) {
            this.#violate('invariant', error);
            throw error;
          }
        };
      },
    });
  }

  #violate(checker: string, error: unknown): void {
    this.violation ??= { checker, sentence: messageOf(error) };
  }
}
