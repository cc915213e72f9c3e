// Splits a record into fields at one character, such as a tab: a string into strings, bytes into views of bytes. There is no
// quoting: formats with quoting, such as CSV, need a parser.

import { Bytes, checkAlive } from '../bytes.ts';
import { described } from '../described-value.ts';

/**
 * The fields of a record, between the characters `separator`, which is one ASCII character. A record without it is one field.
 * @throws RangeError if `separator` is not one ASCII character, TypeError if `record` is neither a string nor Bytes
 */
export function fields(record: string, separator?: string): Iterable<string>;
export function fields(record: Bytes, separator?: string): Iterable<Bytes>;
export function fields(record: string | Bytes, separator = '\t'): Iterable<string> | Iterable<Bytes> {
  if (separator.length !== 1 || separator.charCodeAt(0) > 0x7f) {
    throw new RangeError(`fields: expected one ASCII character as the separator, found ${JSON.stringify(separator)}`);
  }
  if (typeof record === 'string') return record.split(separator);
  if (!(record instanceof Bytes)) {
    throw new TypeError(`fields: expected a record, a text or Bytes, found ${described(record)}`);
  }
  checkAlive(record);
  return new ByteFields(record, separator.charCodeAt(0));
}

/** Can be iterated any number of times, like the fields of a string. */
class ByteFields implements Iterable<Bytes> {
  readonly #record: Bytes;
  readonly #separator: number;

  constructor(record: Bytes, separator: number) {
    this.#record = record;
    this.#separator = separator;
  }

  *[Symbol.iterator](): Generator<Bytes> {
    const { buffer, start, end } = this.#record;
    const separator = this.#separator;
    for (let from = start; from <= end;) {
      let at = from;
      while (at < end && buffer[at] !== separator) at++;
      yield new Bytes(buffer, from, at);
      from = at + 1;
    }
  }
}
