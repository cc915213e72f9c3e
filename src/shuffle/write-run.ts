// Writes sorted streams as a run, combined where the job combines.

import type { Combiner } from './combining-table.ts';
import { canFold, FoldedPairs } from './fold.ts';
import { groupByKey, type SortedPairs } from './merge.ts';
import { RunWriter } from './run-writer.ts';

/**
 * Writes one stream a partition, in partition order. `durable`: the run is on the disk when this returns. Answers the
 * pairs that it holds and its size.
 */
export function writeRun(
  path: string,
  durable: boolean,
  partitions: Iterable<SortedPairs>,
  combiner: Combiner | undefined,
): { pairs: number; bytes: number } {
  const writer = new RunWriter(path);
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
