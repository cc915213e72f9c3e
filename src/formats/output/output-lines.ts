// How results become bytes: a line a result, `key TAB value`, as Hadoop's TextOutputFormat has it.

import { Bytes } from '../../bytes.ts';
import { jsonText } from './json-value.ts';

/**
 * One line of output. A string stands as it is, `null` and `undefined` are a key alone without a tab, numbers, booleans and bigints are
 * written as JavaScript prints them, `Bytes` are their text, anything else is JSON.
 * @throws TypeError if it can be neither
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
