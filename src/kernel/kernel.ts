// Loads the kernel, which does in WebAssembly what has to be done for each byte and each key (its source is in assembly/). Its
// memory holds an input block, a buffer of pairs, and blocks of a sorted file that are to be written.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { type Bytes, noteReuse } from '../bytes.ts';
import { FoundWords } from './found-words.ts';
import type { KernelExports } from './kernel-exports.ts';

/** The part of WebAssembly that we use: Node's types do not declare it. */
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
/** The most that 32-bit addresses reach. */
const MOST_MEMORY_PAGES = 1 << 16;
/** At first a table takes up to 512 KiB, but at most a quarter of a small buffer. */
const MOST_FIRST_SLOTS = 1 << 14;
const FEWEST_FIRST_SLOTS = 8;
const SLOT_BYTES = 32;
/** With its columns a buffer takes two and a half times its size. So all addresses stay below 2 GiB, and none is a negative i32. */
const MOST_BUFFER_BYTES = 768 << 20;

/** The characters of alphabets 0, letters, and 1, letters and digits, and of 2, the marks, which belong to the word that they follow. */
const WORD_PATTERNS = [/^\p{L}$/u, /^[\p{L}\p{Nd}]$/u, /^\p{M}$/u];

let compiled: object | undefined;
/** A kernel that nobody uses, and the one that is leased. */
let idle: Kernel | undefined;
let current: Kernel | undefined;

export class Kernel implements Disposable {
  /** The most bytes that the buffer of pairs may take. */
  readonly bufferBytes: number;
  readonly exports: KernelExports;
  /** All of the memory. */
  bytes!: Buffer;
  /** The same, for the views of the input block that the job gets. */
  lent!: Buffer;
  /** The memory for an input block. */
  text!: Buffer;
  /** The words that were found last. */
  found!: FoundWords;
  /** Keys in the input block that wait to be added: the start and the end of each. */
  pending!: Int32Array;
  /** The ends of the lines that were found last, as addresses. */
  lineEnds!: Int32Array;
  /** The offset from a word in the text to its lower-cased copy. */
  readonly lowerShift: number;
  /** Adds a word that the kernel cannot lower-case, and returns whether there was room for it. */
  addWideWord: (start: number, end: number, value: number) => boolean = () => false;
  /** Called again and again while the kernel sorts many pairs. */
  onSorting: () => void = () => {};
  readonly #memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };

  /** Makes a new kernel, whose buffer may be smaller than asked for; `lease` returns a warm one if there is one. */
  constructor(wantedBytes: number) {
    compiled ??= new WebAssembly.Module(readFileSync(BINARY));
    const bufferBytes = Math.min(wantedBytes, MOST_BUFFER_BYTES);
    this.bufferBytes = bufferBytes;
    // Memory is only taken once it is touched.
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

  /** A kernel with a buffer of this size. Disposing of it gives it back, and its memory is used again. */
  static lease(bufferBytes: number): Kernel {
    const kernel = idle?.bufferBytes === Math.min(bufferBytes, MOST_BUFFER_BYTES) ? idle : new Kernel(bufferBytes);
    idle = undefined;
    current = kernel;
    return kernel;
  }

  [Symbol.dispose](): void {
    giveBack(this);
  }

  /** Takes note that an input block of this length is in `text`. */
  beginText(length: number): void {
    this.found.begin(this.text.byteOffset + length);
  }

  /** Takes note that the job is done with an input block: views of it that the job has kept are refused from now on. */
  endText(block: Buffer): void {
    noteReuse(block);
    noteReuse(this.lent);
    this.lent = Buffer.from(this.#memory.buffer);
  }

  /** Grows the memory to at least this size. Views of the memory that were made before may be invalid afterwards. */
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

  /** The address of a buffer's first byte; undefined if it is not in this kernel's memory. */
  addressOf(buffer: Buffer): number | undefined {
    return buffer.buffer === this.bytes.buffer ? buffer.byteOffset : undefined;
  }

  /** Fills in which characters of a page belong to an alphabet, which a regular expression decides. */
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

/** The words of a text in a kernel's memory. The kernel can find and add them without handing them out. */
export interface WordScan extends Iterator<Bytes, undefined>, Iterable<Bytes> {
  readonly kernel: Kernel;
  /** The address from which on the words have not been taken. */
  at: number;
  readonly end: number;
  readonly alphabet: number;
  readonly lower: boolean;
}

/** Whether an iterable is words that the kernel can scan. */
export function isWordScan(keys: unknown): keys is WordScan {
  return typeof keys === 'object' && keys !== null && 'kernel' in keys && keys.kernel instanceof Kernel;
}

/** The leased kernel in whose input block a record is, if there is one. Only for that is there room for a lower-cased copy. */
export function kernelOf({ buffer, start, end }: Bytes): Kernel | undefined {
  if (current === undefined || buffer.buffer !== current.bytes.buffer) return undefined;
  const { text } = current;
  const isText =
    buffer.byteOffset + start >= text.byteOffset && buffer.byteOffset + end <= text.byteOffset + text.length;
  return isText ? current : undefined;
}
