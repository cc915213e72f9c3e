// What a run needs, and what comes of it.

import type { Slice } from '../formats/chunk.ts';
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
  /** The folder of the results, absolute; undefined: the one in the state directory. */
  readonly output: string | undefined;
  readonly counts: RunCounts;
  /** Cuts the inputs into so many chunks: boundaries are found by the job's format, whose code does not run here. */
  readonly planChunks: (mapCount: number) => Promise<Slice[][]>;
  /** Answers the first key of each partition but the first, in base64, where keys are partitioned by range. */
  readonly sampleFirstKeys?: ((reduceCount: number) => Promise<string[]>) | undefined;
  /** Answers what a map output says of the keys that were emitted most: text stays in files. */
  readonly hotKeysOf: LocalEffectsOptions['hotKeysOf'];
  /** The port that the driver's own server asks for. */
  readonly port: number;
  readonly firstPort: number;
  readonly limits: Omit<RunLimits, 'workerCount'>;
  readonly taskLimits: TaskLimits;
  readonly taskSilenceMs: number;
  readonly chunkMode?: ChunkMode | undefined;
  /** Whether what an earlier driver has left unfinished is given up. */
  readonly fresh: boolean;
  /** Ends the run early; the reason is the name of a signal. */
  readonly interrupt?: AbortSignal | undefined;
  /** Gets the driver's own server when the run has ended, to close it. Otherwise it is closed then. */
  readonly keepOpen?: ((door: Door) => void) | undefined;
}

export interface DriverResult {
  readonly shape: RunShape;
  readonly outcome: Outcome;
  readonly state: RunState;
}
