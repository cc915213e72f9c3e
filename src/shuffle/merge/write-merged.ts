// Writes merged segments as a sorted file, combined if the job has a combiner.

import { canFold, type Combiner } from '../combiner.ts';
import { FoldedPairs } from './fold-numbers.ts';
import { Groups, type SortedPairs } from './groups.ts';
import type { MergeWindows } from './merge-windows.ts';
import { MergedPairs } from './merged-pairs.ts';
import { ValueKind } from '../file/sorted-file-format.ts';
import {
  asBytes,
  createSortedFile,
  type SortedFileOptions,
  type SortedFileWriter,
  type WrittenSortedFile,
} from '../file/sorted-file-writer.ts';

export interface WriteMergedOptions extends SortedFileOptions {
  readonly path: string;
  readonly combiner?: Combiner | undefined;
}

/** Writes one merge per partition, in partition order. */
export function writeMerged(
  partitions: Iterable<MergeWindows>,
  { path, combiner, ...options }: WriteMergedOptions,
): WrittenSortedFile {
  return createSortedFile(path, options, (writer) => {
    for (const merge of partitions) {
      // Numbers have been added up by the merge if all values were numbers; otherwise equal keys meet in the reduce.
      if (combiner === undefined || combiner.adds === true) writeBlocks(writer, merge);
      else writeCombined(writer, merge, combiner);
      writer.endPartition();
    }
  });
}

function writeBlocks(writer: SortedFileWriter, merge: MergeWindows): void {
  while (merge.next()) {
    const { pairs, ends, keys, keysStart, kind = ValueKind.none } = merge;
    // Values of any kind are added pair by pair, so that a block closes when they are many bytes. From here on the kind stays.
    if (kind === ValueKind.packed) return addPairs(writer, new MergedPairs(merge, true));
    const payload = [asBytes(ends), keys.subarray(keysStart, keysStart + ends[pairs - 1]!)];
    if (kind === ValueKind.float64) payload.push(asBytes(merge.numbers));
    writer.addBlock(pairs, kind, payload);
  }
}

function writeCombined(writer: SortedFileWriter, merge: MergeWindows, combiner: Combiner): void {
  const merged = new MergedPairs(merge);
  if (canFold(combiner)) return addPairs(writer, new FoldedPairs(merged, combiner));
  const groups = new Groups(merged);
  while (groups.next()) {
    const { key, keyBytes, keyLength, values } = groups;
    writer.add(keyBytes, 0, keyLength, combiner.combine(key, values));
  }
}

function addPairs(writer: SortedFileWriter, pairs: SortedPairs): void {
  while (pairs.next()) writer.add(pairs.key, pairs.keyStart, pairs.keyEnd, pairs.value);
}
