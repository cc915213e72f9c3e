// The options of a run, and its result.

import type { Slice } from '../formats/chunk/chunk.ts';
import type { TaskRequest } from '../protocol.ts';
import type { Outcome, RunLimits } from '../scheduler/events.ts';
import type { RunState } from '../scheduler/state.ts';
import type { Workspace } from '../workspace/paths.ts';
import type { ChunkMode } from './inputs/chunker.ts';
import type { InputFile } from './inputs/inputs.ts';
import type { JobOrigin } from './state/job-surroundings.ts';
import type { Door } from './door/joining.ts';
import type { LocalEffectsOptions, TaskLimits } from './loop/local-effects.ts';
import type { RunCounts, RunShape } from './plan-run.ts';

export interface DriverOptions {
  readonly workspace: Workspace;
  readonly job: JobOrigin;
  /** How workers load the job. */
  readonly jobSource: TaskRequest['job'];
  readonly inputs: readonly InputFile[];
  /** The absolute path of the folder of the results; undefined: the one in the state directory. */
  readonly output: string | undefined;
  readonly counts: RunCounts;
  /** Cuts the inputs into this many chunks. The job's format finds the boundaries, and its code does not run here. */
  readonly planChunks: (mapCount: number) => Promise<Slice[][]>;
  /** Returns the first key of each partition but the first, in base64, if keys are partitioned by range. */
  readonly sampleFirstKeys?: ((reduceCount: number) => Promise<string[]>) | undefined;
  /** Reads from a map output which keys were emitted most: keys stay in files, and do not cross the wire. */
  readonly hotKeysOf: LocalEffectsOptions['hotKeysOf'];
  /** The port of the driver's own server, if it is free. */
  readonly port: number;
  readonly firstPort: number;
  readonly limits: Omit<RunLimits, 'workerCount'>;
  readonly taskLimits: TaskLimits;
  readonly taskSilenceMs: number;
  readonly chunkMode?: ChunkMode | undefined;
  /** Whether to give up a run that an earlier driver left unfinished. */
  readonly fresh: boolean;
  /** Ends the run early; its reason is the name of a signal. */
  readonly interrupt?: AbortSignal | undefined;
  /** Receives the driver's own server when the run has ended, and must close it. Without it the server closes then. */
  readonly keepOpen?: ((door: Door) => void) | undefined;
}

export interface DriverResult {
  readonly shape: RunShape;
  readonly outcome: Outcome;
  readonly state: RunState;
}
