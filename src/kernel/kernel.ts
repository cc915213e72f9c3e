// The kernel: what is done for each byte and each key, in WebAssembly (its source is in assembly/), over memory that holds
// a block of input, a buffer of pairs, and blocks of a run on their way out.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { type Bytes, noteReuse } from '../bytes.ts';
import { FoundWords } from './found-words.ts';
import type { KernelExports } from './kernel-exports.ts';

/** What the engine uses of WebAssembly, whose types Node's do not bring along. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Memory: new (limits: { initial: number; maximum: number }) => {
    buffer: ArrayBuffer;
    grow: (pages: number) => number;
  };
  Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => { exports: unknown };
};

/** Built from assembly/ by `npm run build:kernel`. */
const BINARY = new URL('kernel.wasm', import.meta.url);
const MEMORY_PAGE_BYTES = 1 << 16;
/** A 32-bit address reaches no further. */
const MOST_MEMORY_PAGES = 1 << 16;
/** At first a table takes up to 512 KiB, and no more than a quarter of a small buffer. */
const MOST_FIRST_SLOTS = 1 << 14;
const FEWEST_FIRST_SLOTS = 8;
const SLOT_BYTES = 32;
/** With the columns beside it, a buffer takes two and a half times its size: addresses stay below 2 GiB, where none is negative. */
const MOST_BUFFER_BYTES = 768 << 20;

/** What a character matches that is in alphabet 0, and in alphabet 1; alphabet 2 are the marks that belong to the word that they follow. */
const WORD_PATTERNS = [/^\p{L}$/u, /^[\p{L}\p{Nd}]$/u, /^\p{M}$/u];

let compiled: object | undefined;
/** A kernel that nobody uses, and the one that is in use. */
let idle: Kernel | undefined;
let current: Kernel | undefined;

export class Kernel implements Disposable {
  /** How many bytes the buffer of pairs may take. */
  readonly bufferBytes: number;
  readonly exports: KernelExports;
  /** All of the memory. */
  bytes!: Buffer;
  /** The same, for views of the block of input that are handed to the job. */
  lent!: Buffer;
  /** Where a block of input has its place. */
  text!: Buffer;
  /** The words that were found last. */
  found!: FoundWords;
  /** Keys in the text that wait to be added: start and end of each. */
  pending!: Int32Array;
  /** Where the lines end that were found last, as addresses. */
  lineEnds!: Int32Array;
  /** What the words of a block in lower case stand behind it by. */
  readonly lowerShift: number;
  /** Adds a word that the kernel cannot put in lower case, and answers whether there was room for it. */
  addWideWord: (start: number, end: number, value: number) => boolean = () => false;
  /** Called again and again while many pairs are sorted. */
  onSorting: () => void = () => {};
  readonly #memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };

  /** A kernel of one's own, whose buffer may be smaller than asked for; `lease` answers one that is warm. */
  constructor(wantedBytes: number) {
    compiled ??= new WebAssembly.Module(readFileSync(BINARY));
    const bufferBytes = Math.min(wantedBytes, MOST_BUFFER_BYTES);
    this.bufferBytes = bufferBytes;
    // Only what is touched takes memory.
    const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_MEMORY_PAGES });
    this.#memory = memory;
    const instance = new WebAssembly.Instance(compiled, {
      env: { memory },
      host: {
        readPage: (alphabet: number, page: number) => this.#readPage(alphabet, page),
        addWideWord: (start: number, end: number, value: number) => this.addWideWord(start, end, value),
        sorting: () => this.onSorting(),
      },
    });
    this.exports = instance.exports as KernelExports;
    const firstSlots = 2 ** Math.floor(Math.log2(Math.max(bufferBytes / (4 * SLOT_BYTES), 1)));
    const size = this.exports.configure(
      bufferBytes,
      Math.min(MOST_FIRST_SLOTS, Math.max(FEWEST_FIRST_SLOTS, firstSlots)),
      randomBytes(8).readBigInt64LE(),
    );
    this.lowerShift = this.exports.LOWER.value - this.exports.TEXT.value;
    this.reserve(size >>> 0);
  }

  /** A kernel with a buffer of this size, which goes back when it is disposed of: its memory is used again. */
  static lease(bufferBytes: number): Kernel {
    const kernel = idle?.bufferBytes === Math.min(bufferBytes, MOST_BUFFER_BYTES) ? idle : new Kernel(bufferBytes);
    idle = undefined;
    current = kernel;
    return kernel;
  }

  [Symbol.dispose](): void {
    giveBack(this);
  }

  /** A block of input of this length stands in `text`. */
  beginText(length: number): void {
    this.found.begin(this.text.byteOffset + length);
  }

  /** The job is done with a block of input: what it has kept of it is not to be used any more. */
  endText(block: Buffer): void {
    noteReuse(block);
    noteReuse(this.lent);
    this.lent = Buffer.from(this.#memory.buffer);
  }

  /** Makes sure that there is this much memory. Views of it that were taken before may be of no use then. */
  reserve(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing <= 0) return;
    this.#memory.grow(Math.ceil(missing / MEMORY_PAGE_BYTES));
    const { TEXT, TEXT_BYTES, FOUND, MOST_FOUND, PENDING, PENDING_COUNT, LINE_ENDS, MOST_LINE_ENDS } = this.exports;
    this.lineEnds = new Int32Array(this.#memory.buffer, LINE_ENDS.value, MOST_LINE_ENDS.value);
    this.pending = new Int32Array(this.#memory.buffer, PENDING.value, PENDING_COUNT.value * 2);
    this.bytes = Buffer.from(this.#memory.buffer);
    this.lent = Buffer.from(this.#memory.buffer);
    this.text = this.bytes.subarray(TEXT.value, TEXT.value + TEXT_BYTES.value);
    this.found = new FoundWords(this, new Int32Array(this.#memory.buffer, FOUND.value, MOST_FOUND.value * 2));
  }

  /** The address of the first byte of a buffer in this kernel's memory. */
  addressOf(buffer: Buffer): number | undefined {
    return buffer.buffer === this.bytes.buffer ? buffer.byteOffset : undefined;
  }

  /** Asks a regular expression which characters of a page belong to words. */
  #readPage(alphabet: number, page: number): void {
    const { ALPHABET_PAGES, ALPHABET_PAGE_BYTES } = this.exports;
    const base = this.exports.alphabetAddress(alphabet);
    for (let low = 0; low < 256; low++) {
      const codePoint = page * 256 + low;
      if (!WORD_PATTERNS[alphabet]!.test(String.fromCodePoint(codePoint))) continue;
      this.bytes[base + (codePoint >>> 3)]! |= 1 << (codePoint & 7);
    }
    this.bytes[base + ALPHABET_PAGES.value * ALPHABET_PAGE_BYTES.value + page] = 1;
  }
}

function giveBack(kernel: Kernel): void {
  idle = kernel;
  if (current === kernel) current = undefined;
}

/** Words of a text in a kernel's memory, that the kernel can find and add without one being looked at. */
export interface WordScan extends Iterator<Bytes, undefined>, Iterable<Bytes> {
  readonly kernel: Kernel;
  /** Where the words that are left begin. */
  at: number;
  readonly end: number;
  readonly alphabet: number;
  readonly lower: boolean;
}

/** Whether something to iterate over is words that can be scanned. */
export function isWordScan(keys: unknown): keys is WordScan {
  return typeof keys === 'object' && keys !== null && 'kernel' in keys && keys.kernel instanceof Kernel;
}

/** The leased kernel whose input a record is part of, where there is one. Elsewhere in its memory there is no room for a text in lower case. */
export function kernelOf({ buffer, start, end }: Bytes): Kernel | undefined {
  if (current === undefined || buffer.buffer !== current.bytes.buffer) return undefined;
  const { text } = current;
  const isText =
    buffer.byteOffset + start >= text.byteOffset && buffer.byteOffset + end <= text.byteOffset + text.length;
  return isText ? current : undefined;
}
