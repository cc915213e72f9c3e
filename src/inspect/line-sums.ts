// Sums up the hashes of lines, to find out whether two streams have the same lines, in whatever order. That takes no memory, however
// many lines there are and however long they are.
//
// Each line has a hash of 64 bits, in two halves that are computed in different ways, and each half has its own sum. Streams with
// different lines have the same sums in one of 2^64 cases. The halves are mixed before they are added. Otherwise two values that have
// exchanged their keys could cancel each other out. This guards against mistakes, not against somebody who looks for lines with the
// same hash.
//
// Source: D. Clarke et al., "Incremental Multiset Hash Functions and Their Application to Memory Integrity Checking" (2003), for the
// sum of hashes; MurmurHash3 by A. Appleby (public domain) for the constants and the mixing at the end.

const LF = 0x0a;
const FIRST_SEED = 0x9747b28c;
const SECOND_SEED = 0x3c6ef372;
/** Makes a line without a line end differ from the same line with one. */
const UNENDED = 0x5bd1e995;

export class LineSums {
  lines = 0;
  #firstSum = 0;
  #secondSum = 0;
  /** The halves of the hash of the line that is being read. */
  #first = FIRST_SEED;
  #second = SECOND_SEED;
  #isBegun = false;

  add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    let first = this.#first;
    let second = this.#second;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === LF) {
        this.#endLine(first, second);
        first = FIRST_SEED;
        second = SECOND_SEED;
      } else {
        first = Math.imul(first ^ byte, 0xcc9e2d51);
        first ^= first >>> 15;
        second = Math.imul(((second << 13) | (second >>> 19)) + byte, 0x1b873593);
      }
    }
    this.#first = first;
    this.#second = second;
    this.#isBegun = bytes.at(-1) !== LF;
  }

  /** Whether another stream has the same lines. Both streams have to have ended. */
  equals(other: LineSums): boolean {
    this.#end();
    other.#end();
    return this.lines === other.lines && this.#firstSum === other.#firstSum && this.#secondSum === other.#secondSum;
  }

  #end(): void {
    if (!this.#isBegun) return;
    this.#endLine(this.#first ^ UNENDED, this.#second);
    this.#isBegun = false;
  }

  #endLine(first: number, second: number): void {
    this.lines++;
    // Each half is mixed into the other, in a way that can be undone: different hashes stay different.
    const left = mixed(first ^ mixed(second));
    const right = mixed(second ^ mixed(left));
    this.#firstSum = (this.#firstSum + left) | 0;
    this.#secondSum = (this.#secondSum + right) | 0;
  }
}

/** Mixes a number of 32 bits, so that each bit of the result depends on each of its bits. */
function mixed(bits: number): number {
  let mixing = bits ^ (bits >>> 16);
  mixing = Math.imul(mixing, 0x85ebca6b);
  mixing ^= mixing >>> 13;
  mixing = Math.imul(mixing, 0xc2b2ae35);
  return mixing ^ (mixing >>> 16);
}
