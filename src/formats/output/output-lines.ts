// Writes results as lines of text, one line per result, `key TAB value`, as Hadoop's TextOutputFormat does.

import { Bytes } from '../../bytes.ts';
import { jsonText } from './json-value.ts';

/**
 * One line of output. A string is written as it is; for `null` and `undefined` the line is the key alone, without a tab; numbers,
 * booleans and bigints are written as JavaScript prints them, `Bytes` as their text, anything else as JSON.
 * @throws TypeError if the value cannot be written as JSON
 */
export function outputLine(key: string, value: unknown): string {
  return value === null || value === undefined ? `${key}\n` : `${key}\t${valueText(value)}\n`;
}

function valueText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value instanceof Bytes) return value.toString();
      return jsonText(value);
  }
}
