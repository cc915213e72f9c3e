// The fields of a record that are parted by one character, such as a tab: of a string as strings, of bytes as views of
// bytes. There is no quoting: a format that has it, such as CSV, wants a parser of its own.

import { Bytes } from '../bytes.ts';

/**
 * The fields of a record between `separator`s, one ASCII character; a record without any is one field. The views of a byte
 * record's fields are one object, which each step moves on.
 * @throws RangeError for another separator
 */
export function fields(record: string, separator?: string): Iterable<string>;
export function fields(record: Bytes, separator?: string): Iterable<Bytes>;
export function fields(record: string | Bytes, separator = '\t'): Iterable<string> | Iterable<Bytes> {
  if (separator.length !== 1 || separator.charCodeAt(0) > 0x7f) {
    throw new RangeError(`fields: expected one ASCII character to part them, found ${JSON.stringify(separator)}`);
  }
  return typeof record === 'string' ? record.split(separator) : byteFields(record, separator.charCodeAt(0));
}

function* byteFields({ buffer, start, end }: Bytes, separator: number): Generator<Bytes> {
  const field = new Bytes(buffer, start, start);
  for (let from = start; from <= end; from = field.end + 1) {
    let at = from;
    while (at < end && buffer[at] !== separator) at++;
    field.start = from;
    field.end = at;
    yield field;
  }
}
