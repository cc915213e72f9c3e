// Writes and reads JSON on one line with its own checksum: the crc32 of the text without it, as the last field. State files
// and the lines of the journal have this form, so that text torn by a crash, or changed by a disk, is recognised.

import { crc32 } from 'node:zlib';

const SEAL = /^,"crc":"([0-9a-f]{8})"\}$/;
const SEAL_BYTES = ',"crc":"01234567"}'.length;

export interface Sealed {
  readonly text: string;
  /** The starting value for the checksum of the line after this one. */
  readonly checksum: number;
}

/** Writes an object with at least one field. `before` is the checksum of the line before, if lines are chained. */
export function seal(value: object, before = 0): Sealed {
  const text = JSON.stringify(value);
  const checksum = crc32(text, before);
  return { text: `${text.slice(0, -1)},"crc":"${hex(checksum)}"}`, checksum };
}

/** Reads what `seal` wrote; undefined if it is anything else, or followed another line. */
export function unseal(bytes: Buffer, before = 0): { readonly value: unknown; readonly checksum: number } | undefined {
  const end = bytes.length - SEAL_BYTES;
  const found = end < 1 ? null : SEAL.exec(bytes.toString('latin1', end));
  if (found === null) return undefined;
  const checksum = crc32('}', crc32(bytes.subarray(0, end), before));
  if (hex(checksum) !== found[1]) return undefined;
  try {
    return { value: JSON.parse(`${bytes.toString('utf8', 0, end)}}`), checksum };
  } catch {
    return undefined;
  }
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}
