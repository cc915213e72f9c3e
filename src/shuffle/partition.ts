// Which reduce task owns a key: the rule by which Hadoop partitions Text keys, so that part files are the same there.

/**
 * The partition, from 0 to `partitionCount - 1`, of the key `bytes[start, end)`.
 *
 * Source: Hadoop's `WritableComparator.hashBytes` (h = 1; h = 31 h + signed byte, in 32 bits) and `HashPartitioner`
 * ((h & 0x7fffffff) % partitions).
 */
export function partitionOf(bytes: Uint8Array, start: number, end: number, partitionCount: number): number {
  let hash = 1;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + ((bytes[i]! << 24) >> 24)) | 0;
  return (hash & 0x7fffffff) % partitionCount;
}
