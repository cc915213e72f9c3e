// Writes merged segments as a run, combined where the job combines.

import { canFold, type Combiner } from './combiner.ts';
import { FoldedPairs } from './fold.ts';
import { groupByKey } from './groups.ts';
import type { KernelMerge } from './kernel-merge.ts';
import { MergedPairs } from './merged-pairs.ts';
import { ValueKind } from './run-format.ts';
import { type RunOptions, RunWriter } from './run-writer.ts';

export interface WriteRunOptions extends RunOptions {
  readonly path: string;
  readonly combiner?: Combiner | undefined;
}

/** Writes one merge a partition, in partition order. Answers the pairs that the run holds and its size. */
export function writeRun(
  partitions: Iterable<KernelMerge>,
  { path, combiner, compress }: WriteRunOptions,
): { pairs: number; bytes: number } {
  const writer = new RunWriter(path, { compress });
  try {
    for (const merge of partitions) {
      // What adds up has been added up where it could be; what is left meets its like in the reduce.
      if (combiner === undefined || combiner.adds === true) writeBlocks(writer, merge);
      else writeCombined(writer, merge, combiner);
      writer.endPartition();
    }
    const bytes = writer.finish();
    return { pairs: writer.pairCount, bytes };
  } finally {
    writer.close();
  }
}

function writeBlocks(writer: RunWriter, merge: KernelMerge): void {
  while (merge.next()) {
    const { pairs, ends, keys, keysStart, kind = ValueKind.none } = merge;
    if (kind === ValueKind.packed) {
      writePairs(writer, merge);
      continue;
    }
    const payload = [asBytes(ends), keys.subarray(keysStart, keysStart + ends[pairs - 1]!)];
    if (kind === ValueKind.float64) payload.push(asBytes(merge.numbers));
    writer.addBlock(pairs, kind, payload);
  }
}

/** Pair by pair, so that a block closes when its values are many bytes. */
function writePairs(writer: RunWriter, { pairs, ends, keys, keysStart, values }: KernelMerge): void {
  let start = keysStart;
  for (let pair = 0; pair < pairs; pair++) {
    const end = keysStart + ends[pair]!;
    writer.add(keys, start, end, values[pair]);
    start = end;
  }
}

function writeCombined(writer: RunWriter, merge: KernelMerge, combiner: Combiner): void {
  const merged = new MergedPairs(merge);
  if (canFold(combiner)) {
    const pairs = new FoldedPairs(merged, combiner);
    while (pairs.next()) writer.add(pairs.key, pairs.keyStart, pairs.keyEnd, pairs.value);
    return;
  }
  for (const { key, keyBytes, values } of groupByKey(merged)) {
    writer.add(keyBytes, 0, keyBytes.length, combiner.combine(key, values));
  }
}

function asBytes(array: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
