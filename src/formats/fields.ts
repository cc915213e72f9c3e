// The fields of a record that are parted by one character, such as a tab: of a string as strings, of bytes as views of
// bytes. There is no quoting: a format that has it, such as CSV, wants a parser of its own.

import { Bytes, checkAlive } from '../bytes.ts';
import { described } from '../described-value.ts';

/**
 * The fields of a record between `separator`s, one ASCII character; a record without any is one field.
 * @throws RangeError for another separator, TypeError for another record
 */
export function fields(record: string, separator?: string): Iterable<string>;
export function fields(record: Bytes, separator?: string): Iterable<Bytes>;
export function fields(record: string | Bytes, separator = '\t'): Iterable<string> | Iterable<Bytes> {
  if (separator.length !== 1 || separator.charCodeAt(0) > 0x7f) {
    throw new RangeError(`fields: expected one ASCII character to part them, found ${JSON.stringify(separator)}`);
  }
  if (typeof record === 'string') return record.split(separator);
  if (!(record instanceof Bytes)) {
    throw new TypeError(`fields: expected a record, a text or Bytes, found ${described(record)}`);
  }
  checkAlive(record);
  return new ByteFields(record, separator.charCodeAt(0));
}

/** Can be gone through again and again, as the fields of a string can. */
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
