// How a driver may end: well, or, if something has come over it that may do so, with the exit code for that and one line
// which says what is wrong.

import type { Finished } from '../fixtures/running-command.ts';
import type { Obstacles } from './obstacles.ts';
import type { Handicap } from './plan.ts';
import type { FaultKind } from './scene.ts';

const [USAGE, LOST, DAMAGED, SYSTEM, INTERRUPTED] = [2, 4, 5, 6, 130];

/** What has come over a round, and no driver has ended with yet. */
export class Excuses {
  readonly #obstacles: Obstacles;
  readonly #codes = new Set<number>();
  /** How many faults there were that a driver may refuse to go on after. */
  #freshReasons = 0;

  constructor(obstacles: Obstacles) {
    this.#obstacles = obstacles;
  }

  add({ mayEndWith, mayNeedFresh = false }: Pick<FaultKind, 'mayEndWith' | 'mayNeedFresh'>): void {
    for (const code of mayEndWith) this.#codes.add(code);
    if (mayNeedFresh) this.#freshReasons++;
  }

  addHandicap(handicap: Handicap): void {
    this.add({ mayEndWith: 'refusal' in handicap ? [USAGE, LOST, DAMAGED, SYSTEM] : [SYSTEM] });
  }

  /** What is wrong with an end, if anything is. `wasKilled`: by a fault. */
  problemOf({ exitCode, signal, stderr }: Finished, wasKilled: boolean): string | undefined {
    if (/^\s+at .*[(/]/m.test(stderr)) return 'the driver has shown a stack';
    if (signal !== null) return this.#mayEndBy(signal, stderr, wasKilled) ? undefined : `the driver ended by ${signal}`;
    if (exitCode === 0) return undefined;
    if (!this.#excuse(exitCode!, stderr)) return `the driver ended with ${exitCode}, for no reason`;
    const count = stderr.match(/^mapreduce: /gm)?.length ?? 0;
    return count === 1 || exitCode === INTERRUPTED ? undefined : `${count} lines say why the driver ended`;
  }

  /** A driver has ended with an exit code: what it has met is no excuse for the next one. */
  settle(): void {
    this.#codes.clear();
  }

  /** How many reasons there are to start over. */
  get freshReasons(): number {
    return this.#freshReasons;
  }

  /** A driver has started over, for so many reasons: they are none to do so again. */
  settleFresh(reasons: number): void {
    this.#freshReasons -= reasons;
  }

  /** A process that is asked to end before it has loaded anything ends at once. */
  #mayEndBy(signal: NodeJS.Signals, stderr: string, wasKilled: boolean): boolean {
    if (signal === 'SIGKILL') return wasKilled;
    return this.#codes.has(INTERRUPTED) && stderr === '';
  }

  #excuse(exitCode: number, stderr: string): boolean {
    if (mustStartOver(exitCode, stderr)) return this.#freshReasons > 0;
    if ([USAGE, SYSTEM].includes(exitCode) && this.#obstacles.isNamedIn(stderr)) return true;
    return this.#codes.has(exitCode);
  }
}

/** Whether a driver has begun its run. */
export function hasBegun(stderr: string): boolean {
  return /^\d+ chunks? written/m.test(stderr);
}

/** Whether a driver advises to give its command with `--fresh`. */
export function mustStartOver(exitCode: number | null, stderr: string): boolean {
  return exitCode === USAGE && /^mapreduce: .*--fresh/m.test(stderr);
}
