// Writes sorted streams as a run, combined where the job combines.

import { canFold, type Combiner } from './combiner.ts';
import { FoldedPairs } from './fold.ts';
import { groupByKey, type SortedPairs } from './merge.ts';
import { type RunOptions, RunWriter } from './run-writer.ts';

export interface WriteRunOptions extends RunOptions {
  readonly path: string;
  /** The run is on the disk when it has been written. */
  readonly durable: boolean;
  readonly combiner?: Combiner | undefined;
}

/** Writes one stream a partition, in partition order. Answers the pairs that the run holds and its size. */
export function writeRun(
  partitions: Iterable<SortedPairs>,
  { path, durable, combiner, compress }: WriteRunOptions,
): { pairs: number; bytes: number } {
  const writer = new RunWriter(path, { compress });
  try {
    for (const pairs of partitions) {
      writePairs(writer, pairs, combiner);
      writer.endPartition();
    }
    const bytes = writer.finish(durable);
    return { pairs: writer.pairCount, bytes };
  } finally {
    writer.close();
  }
}

function writePairs(writer: RunWriter, sorted: SortedPairs, combiner: Combiner | undefined): void {
  if (combiner === undefined || canFold(combiner)) {
    const pairs = combiner === undefined ? sorted : new FoldedPairs(sorted, combiner);
    while (pairs.next()) writer.add(pairs.key, pairs.keyStart, pairs.keyEnd, pairs.value);
    return;
  }
  for (const { key, keyBytes, values } of groupByKey(sorted)) {
    writer.add(keyBytes, 0, keyBytes.length, combiner.combine(key, values));
  }
}
