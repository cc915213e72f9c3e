// Judges how a driver ended: it must succeed, or, if a fault permits it, end with the exit code for that fault and one line that names
// the cause.

import type { Finished } from '../fixtures/running-command.ts';
import type { Obstacles } from './obstacles.ts';
import type { Handicap } from './plan.ts';
import type { FaultKind } from './scene.ts';

const [USAGE, LOST, DAMAGED, SYSTEM, INTERRUPTED] = [2, 4, 5, 6, 130];

/** The faults of a round that have not ended a driver yet. */
export class Excuses {
  readonly #obstacles: Obstacles;
  readonly #codes = new Set<number>();
  /** The number of faults after which a driver may refuse to continue. */
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

  /** Returns the problem with the end of a driver, if there is one. `wasKilled`: a fault has killed the driver. */
  problemOf({ exitCode, signal, stderr }: Finished, wasKilled: boolean): string | undefined {
    if (/^\s+at .*[(/]/m.test(stderr)) return 'the driver has printed a stack';
    if (signal !== null) return this.#mayEndBy(signal, stderr, wasKilled) ? undefined : `the driver ended by ${signal}`;
    if (exitCode === 0) return undefined;
    if (!this.#excuse(exitCode!, stderr)) return `the driver ended with ${exitCode}, without a cause`;
    const count = stderr.match(/^mapreduce: /gm)?.length ?? 0;
    return count === 1 || exitCode === INTERRUPTED ? undefined : `${count} lines name a cause`;
  }

  /** Forgets the faults that a driver has met before it ended: they do not excuse the next driver. */
  settle(): void {
    this.#codes.clear();
  }

  /** The number of reasons to start over. */
  get freshReasons(): number {
    return this.#freshReasons;
  }

  /** Uses up the reasons of a driver that has started over: they do not excuse another one. */
  settleFresh(reasons: number): void {
    this.#freshReasons -= reasons;
  }

  /** A process that gets a signal before it has loaded anything ends at once. */
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

/** Whether a driver advises repeating its command with `--fresh`. */
export function mustStartOver(exitCode: number | null, stderr: string): boolean {
  return exitCode === USAGE && /^mapreduce: .*--fresh/m.test(stderr);
}
