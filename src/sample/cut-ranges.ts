// Cuts the keys of a job into ranges of about the same number of pairs, from a sample: pieces of the input, evenly spread,
// go through the job's map in the job host, where it can do nothing to the driver, whatever it does.
//
// Source: O. O'Malley, "TeraByte Sort on Apache Hadoop" (2008), for sampling the input before the run.

/** The first keys of all ranges together have at most this, so that the record of a run stays small. */
const MOST_KEY_BYTES = 8 << 20;

/**
 * The first key of each range but the first, in base64; where the sample has few keys, some are the same. In `keys` a
 * character is a byte. Long keys are cut: a range may begin between two keys.
 */
export function cutRanges(keys: readonly string[], rangeCount: number): string[] {
  // This is the order of bytes.
  const sorted = keys.toSorted();
  return Array.from({ length: rangeCount - 1 }, (_, range) => {
    const key = sorted[Math.floor(((range + 1) * sorted.length) / rangeCount)] ?? '';
    return Buffer.from(key.slice(0, MOST_KEY_BYTES / rangeCount), 'latin1').toString('base64');
  });
}
