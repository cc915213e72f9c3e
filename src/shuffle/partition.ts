// The rule that decides the partition of a key. The fast one runs in the kernel: `kernel/assembly/partition-pairs.ts`, by hash, and
// `collect/sort-by-partition.ts`, by range. This one is slow, and only used for a key that is longer than a whole buffer.
//
// The hash is the one by which Hadoop partitions Text keys, so the part files there are the same.
// Source: Hadoop's `WritableComparator.hashBytes` (h = 1; h = 31 h + signed byte, in 32 bits) and `HashPartitioner`
// ((h & 0x7fffffff) % partitions).

/** The hash of the empty key, and what each step multiplies the hash with. */
const HASH_SEED = 1;
const HASH_FACTOR = 31;

/** The hash of the key `bytes[start, end)`, as a signed 32-bit integer. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_SEED;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, HASH_FACTOR) + ((bytes[i]! << 24) >> 24)) | 0;
  return hash;
}

/** How keys are assigned to partitions. */
export interface Partitioning {
  readonly count: number;
  /** The first key of each partition but the first, in order. If it is set, keys are partitioned by range, not by hash. */
  readonly firstKeys?: readonly Buffer[] | undefined;
}

/** The partition, from 0 to `count - 1`, of the key `bytes[start, end)`. */
export function partitionOf(bytes: Uint8Array, start: number, end: number, { count, firstKeys }: Partitioning): number {
  if (firstKeys === undefined) return (hashOf(bytes, start, end) & 0x7fffffff) % count;
  const next = firstKeys.findIndex((first) => Buffer.compare(bytes.subarray(start, end), first) < 0);
  return next < 0 ? firstKeys.length : next;
}
