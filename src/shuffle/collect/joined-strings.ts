// Pairs of strings on their way into the kernel's memory: they are put there together, because to write a string there by itself
// takes longer than all else that is done for it.

/** So many pairs at once, or so many characters, are enough. */
const MOST_PAIRS = 512;
const ENOUGH_CHARACTERS = 1 << 15;

export class JoinedStrings {
  /** The keys, each with its text behind it, where the values are texts. */
  joined = '';
  /** Of each pair the lengths of its key and of its text. */
  readonly lengths = new Int32Array(MOST_PAIRS * 2);
  count = 0;
  /** The value that all have; where values are texts, any of them. */
  value: string | number | null = null;

  /** Whether a pair can be added to those that are there. */
  takes(value: string | number | null): boolean {
    if (this.count === 0) return true;
    return typeof value === 'string' ? typeof this.value === 'string' : value === this.value;
  }

  /** Adds a pair. Answers whether there are enough now. */
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

  /** Takes the pairs out, from number `from` on. */
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
