// Finds the words of a record without a regular expression: in a string as strings, in bytes as views of bytes. Both find the
// words that `/[\p{L}\p{Nd}][\p{L}\p{Nd}\p{M}]*/gu` finds, or `/\p{L}[\p{L}\p{M}]*/gu` for letters only, and lower-case them as
// JavaScript does. Marks, such as accents that follow their letter, belong to the word that they follow.
//
// There are three scanners: of strings, of bytes, and of bytes in the kernel's memory. They differ in what they read and in what
// they return, and tests hold each against the regular expression.

import { Bytes, checkAlive } from '../../bytes.ts';
import { described } from '../../described-value.ts';
import { kernelOf } from '../../kernel/kernel.ts';
import { KernelWords } from '../../kernel/kernel-words.ts';
import { alphanumeric, letters } from './alphabet.ts';
import { ByteWords } from './byte-words.ts';
import { StringWords } from './string-words.ts';

export interface WordsOptions {
  /** What words consist of: Unicode letters and digits, or letters alone. */
  readonly words?: 'alphanumeric' | 'letters';
  /** Whether words are lower-cased, or kept as they are. */
  readonly case?: 'lower' | 'keep';
}

/**
 * The words of a record. They can be iterated once: `[...words(record)]` keeps them.
 * @throws TypeError if `record` is neither a string nor Bytes
 */
export function words(record: string, options?: WordsOptions): Iterable<string>;
export function words(record: Bytes, options?: WordsOptions): Iterable<Bytes>;
export function words(record: string | Bytes, options: WordsOptions = {}): Iterable<string> | Iterable<Bytes> {
  const alphabet = options.words === 'letters' ? letters : alphanumeric;
  const lower = options.case !== 'keep';
  if (typeof record === 'string') return new StringWords(record, alphabet, lower);
  if (!(record instanceof Bytes)) {
    throw new TypeError(`words: expected a record, a text or Bytes, found ${described(record)}`);
  }
  checkAlive(record);
  const kernel = kernelOf(record);
  return kernel === undefined
    ? new ByteWords(record, alphabet, lower)
    : new KernelWords(kernel, record, alphabet === letters ? 0 : 1, lower);
}
