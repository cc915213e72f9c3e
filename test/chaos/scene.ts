// What a fault has before it, and what is known of each kind of fault.

import type { RunningCommand } from '../fixtures/running-command.ts';
import type { Draws } from './draws.ts';
import type { Setting } from './setting.ts';
import type { Surroundings } from './surroundings.ts';

export interface Scene {
  readonly around: Surroundings;
  readonly draws: Draws;
  /** The driver that runs, or that has ended. */
  readonly driver: RunningCommand;
}

export interface FaultKind {
  readonly name: string;
  /** How often it comes, compared with others. */
  readonly weight: number;
  /** Default: in each setting. */
  readonly isPossible?: (setting: Setting) => boolean;
  /** The exit codes with which it may end a driver. */
  readonly mayEndWith: readonly number[];
  /** Whether a driver may refuse to go on with what was begun before it, so that the next one has to start over. */
  readonly mayNeedFresh?: boolean;
  /** Says what it has done, or nothing if there was nothing to do it to. */
  readonly strike: (scene: Scene) => string | undefined | Promise<string | undefined>;
}

/** A fault that has struck. */
export interface Struck {
  readonly name: string;
  readonly said: string;
}
