// Cuts the keys of a job into ranges with about the same number of pairs each, from a sample: evenly spread pieces of the input go
// through the job's map in the job host, where the job cannot harm the driver.
//
// Source: O. O'Malley, "TeraByte Sort on Apache Hadoop" (2008), for sampling the input before the run.

/** The first keys of all ranges together have at most this many bytes, so that the manifest of a run stays small. */
const MOST_KEY_BYTES = 8 << 20;

/**
 * Returns the first key of each range but the first, in base64. If the sample has few keys, some are the same. In `keys` each
 * character is a byte. Long keys are cut short: a range may begin between two keys.
 */
export function cutRanges(keys: readonly string[], rangeCount: number): string[] {
  // The default order of strings is, for such keys, the order of bytes.
  const sorted = keys.toSorted();
  return Array.from({ length: rangeCount - 1 }, (_, range) => {
    const key = sorted[Math.floor(((range + 1) * sorted.length) / rangeCount)] ?? '';
    return Buffer.from(key.slice(0, MOST_KEY_BYTES / rangeCount), 'latin1').toString('base64');
  });
}
