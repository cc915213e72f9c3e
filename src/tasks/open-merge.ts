// Opens the input of a reduce attempt: its partition of all map outputs, merged.

import type { Kernel } from '../kernel/kernel.ts';
import { MergeWindows, type MergeWindowsOptions } from '../shuffle/merge/merge-windows.ts';
import { ReadAhead } from '../shuffle/merge/read-ahead.ts';
import { MergePasses } from '../shuffle/merge/merge-passes.ts';
import type { Attempt } from './attempt.ts';

interface MapOutputs {
  readonly dir: string;
  readonly runId: string;
  /** The generation of the map outputs. */
  readonly generation: number;
  readonly paths: readonly string[];
  readonly readAhead: ReadAhead;
}

/** The map outputs of the run that this thread last worked for. Within one generation they do not change. */
let known: MapOutputs | undefined;

/**
 * Opens the merge of the attempt's partition. `open` gets everything to be closed with it.
 * @throws CorruptError if a sorted file is damaged
 */
export function openMerge(
  attempt: Attempt,
  kernel: Kernel,
  options: MergeWindowsOptions,
  open: DisposableStack,
): MergeWindows {
  const { request, scratch: path } = attempt;
  const { paths, readAhead } = mapOutputs(attempt);
  // Data that is small when compressed may be large when it is not.
  const near = request.compressMapOutput ? undefined : readAhead.segments(request.task, options.onStep);
  if (near !== undefined) return new MergeWindows(kernel, near, options);
  const { mergeFanIn: fanIn, compressMapOutput: compress } = request;
  const merge = open.use(
    new MergePasses(paths, { ...options, partitions: [request.task], kernel, fanIn, compress, path }),
  );
  const [merged] = merge.merged();
  return merged!;
}

/** Drops data that was read ahead: an attempt has failed, perhaps because of it. */
export function forgetMapOutputs(): void {
  known = undefined;
}

function mapOutputs({ request: { dir, runId, generation, mapCount }, workspace }: Attempt): MapOutputs {
  if (known?.dir === dir && known.runId === runId && known.generation === generation) return known;
  const paths = Array.from({ length: mapCount }, (_, task) => workspace.mapOutput(task));
  known = { dir, runId, generation, paths, readAhead: new ReadAhead(paths) };
  return known;
}
