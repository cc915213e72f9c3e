// The surroundings that a fault sees, and the properties of each kind of fault.

import type { RunningCommand } from '../fixtures/running-command.ts';
import type { Draws } from './draws.ts';
import type { Setting } from './setting.ts';
import type { Surroundings } from './surroundings.ts';

export interface Scene {
  readonly around: Surroundings;
  readonly draws: Draws;
  /** The current driver, or the last one. */
  readonly driver: RunningCommand;
}

export interface FaultKind {
  readonly name: string;
  /** Its frequency, relative to the other faults. */
  readonly weight: number;
  /** Whether it is possible in a setting. Default: in every setting. */
  readonly isPossible?: (setting: Setting) => boolean;
  /** The exit codes with which it may end a driver. */
  readonly mayEndWith: readonly number[];
  /** Whether a driver may refuse to continue an earlier run, so that the next one has to start over. */
  readonly mayNeedFresh?: boolean;
  /** Returns a description of what it has done; undefined if there was no target. */
  readonly strike: (scene: Scene) => string | undefined | Promise<string | undefined>;
}

/** A fault that has struck. */
export interface Struck {
  readonly name: string;
  readonly said: string;
}
