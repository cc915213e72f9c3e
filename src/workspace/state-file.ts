// Writes and reads all small state files: one line of sealed JSON with the kind of the file, its version and its content. A
// reader gets the content only if all of it is as it was written.

import * as v from 'valibot';

import { type Damage, readSmallFile, replaceFile, type Replacing } from '../machine/regular-file.ts';
import { seal, unseal } from './sealed-json.ts';

/** A kind of state file. A change that an older reader would misread raises the version. */
export interface StateFileKind<T extends object> {
  readonly kind: string;
  readonly version: number;
  /** A longer file is not read. */
  readonly mostBytes: number;
  readonly content: v.GenericSchema<unknown, T>;
}

/** The content of a file, or the reason why it cannot be trusted. Undefined if there is no file. */
export type Found<T> = { readonly content: T } | Damage | undefined;

/** The line of a state file. */
export function stateText<T extends object>({ kind, version }: StateFileKind<T>, content: T): string {
  return `${seal({ kind, version, ...content }).text}\n`;
}

/** @throws SystemError if the machine refuses */
export function writeStateFile<T extends object>(
  kind: StateFileKind<T>,
  path: string,
  content: T,
  replacing?: Replacing,
): void {
  replaceFile(path, [stateText(kind, content)], replacing);
}

/**
 * Reads the first line of a file. Anything after it is the rest of a longer line that was overwritten.
 * @throws SystemError if the machine refuses
 */
export function readStateFile<T extends object>(kind: StateFileKind<T>, path: string): Found<T> {
  const file = readSmallFile(path, kind.mostBytes);
  return file === undefined || 'damage' in file ? file : parseState(kind, file.bytes);
}

/** Reads a file that is not essential: if it is damaged, or cannot be read, it counts as missing. */
export function readIfWhole<T extends object>(kind: StateFileKind<T>, path: string): T | undefined {
  try {
    const found = readStateFile(kind, path);
    return found !== undefined && 'content' in found ? found.content : undefined;
  } catch {
    return undefined;
  }
}

/** Parses the line that `bytes` begin with. */
function parseState<T extends object>(
  { kind, version, content }: StateFileKind<T>,
  bytes: Buffer,
): { readonly content: T } | Damage {
  const end = bytes.indexOf('\n');
  const sealed = end < 0 ? undefined : unseal(bytes.subarray(0, end));
  if (sealed === undefined) return { damage: bytes.length === 0 ? 'found an empty file' : 'found it damaged' };
  const head = (sealed.value ?? {}) as { readonly kind?: unknown; readonly version?: unknown };
  if (head.kind !== kind) return { damage: 'found another kind of file' };
  if (head.version !== version) return { damage: `found version ${String(head.version)}` };
  const parsed = v.safeParse(content, sealed.value);
  return parsed.success ? { content: parsed.output } : { damage: `found ${v.summarize(parsed.issues)}` };
}
