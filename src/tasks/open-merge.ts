// What a reduce attempt reads: its partition of all map outputs, merged.

import type { Kernel } from '../kernel/kernel.ts';
import { KernelMerge, type KernelMergeOptions } from '../shuffle/merge/merge-windows.ts';
import { ReadAhead } from '../shuffle/merge/read-ahead.ts';
import { RunMerge } from '../shuffle/merge/merge-passes.ts';
import type { Attempt } from './attempt.ts';

interface MapOutputs {
  readonly dir: string;
  readonly runId: string;
  /** Of what generation the map outputs are. */
  readonly generation: number;
  readonly runs: readonly string[];
  readonly readAhead: ReadAhead;
}

/** The map outputs of the run that this thread has last worked for: in a generation, those that are there do not change. */
let known: MapOutputs | undefined;

/**
 * The merge of the attempt's partition. What it holds open goes with `open`.
 * @throws CorruptError where a run is damaged
 */
export function openMerge(
  attempt: Attempt,
  kernel: Kernel,
  options: KernelMergeOptions,
  open: DisposableStack,
): KernelMerge {
  const { request, scratch: path } = attempt;
  const { runs, readAhead } = mapOutputs(attempt);
  // What is small when it is compressed may not be small.
  const near = request.compressRuns ? undefined : readAhead.segments(request.task, options.onStep);
  if (near !== undefined) return new KernelMerge(kernel, near, options);
  const { mergeFanIn: fanIn, compressRuns: compress } = request;
  const merge = open.use(new RunMerge(runs, { ...options, partitions: [request.task], kernel, fanIn, compress, path }));
  const [merged] = merge.merged();
  return merged!;
}

/** Forgets what has been read ahead: an attempt has failed, perhaps because of it. */
export function forgetMapOutputs(): void {
  known = undefined;
}

function mapOutputs({ request: { dir, runId, generation, mapCount }, workspace }: Attempt): MapOutputs {
  if (known?.dir === dir && known.runId === runId && known.generation === generation) return known;
  const runs = Array.from({ length: mapCount }, (_, task) => workspace.mapOutput(task));
  known = { dir, runId, generation, runs, readAhead: new ReadAhead(runs) };
  return known;
}
