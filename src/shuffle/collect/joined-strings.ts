// Joins the strings of many pairs, to write them into the kernel's memory at once: writing one string there takes longer than all
// else that is done for it.

/** The pairs are to be written once there are MOST_PAIRS of them, or this many characters. */
const MOST_PAIRS = 512;
const ENOUGH_CHARACTERS = 1 << 15;

export class JoinedStrings {
  /** The keys; if the values are texts, each key is followed by its text. */
  joined = '';
  /** For each pair the lengths of its key and of its text, in UTF-16 code units. */
  readonly lengths = new Int32Array(MOST_PAIRS * 2);
  count = 0;
  /** The value that all pairs have; if values are texts, the last one. */
  value: string | number | null = null;

  /** Whether a pair with this value can join the pairs that wait. */
  takes(value: string | number | null): boolean {
    if (this.count === 0) return true;
    return typeof value === 'string' ? typeof this.value === 'string' : value === this.value;
  }

  /** Adds a pair. Returns whether the pairs are now to be written. */
  add(key: string, value: string | number | null): boolean {
    const at = 2 * this.count++;
    this.value = value;
    this.joined += key;
    this.lengths[at] = key.length;
    this.lengths[at + 1] = 0;
    if (typeof value === 'string') {
      this.joined += value;
      this.lengths[at + 1] = value.length;
    }
    return this.count === MOST_PAIRS || this.joined.length >= ENOUGH_CHARACTERS;
  }

  /** Removes all pairs and yields those from number `from` on. */
  *takeFrom(from: number): Generator<[key: string, value: string | number | null]> {
    const { joined, lengths, count, value } = this;
    this.joined = '';
    this.count = 0;
    for (let pair = 0, at = 0; pair < count; pair++) {
      const keyEnd = at + lengths[2 * pair]!;
      const end = keyEnd + lengths[2 * pair + 1]!;
      if (pair >= from) yield [joined.slice(at, keyEnd), typeof value === 'string' ? joined.slice(keyEnd, end) : value];
      at = end;
    }
  }
}
