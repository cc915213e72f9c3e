// The one way in which small state files are written and read: a line of sealed JSON that says what kind of file it is and in
// which version, then its content. A reader gets the content only if all of it is as it was written.

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

/** What is in a file: its content, or why it is not to be believed. Undefined if there is no file. */
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
 * Reads the first line of a file; a line that was written over a longer one is all of it.
 * @throws SystemError if the machine refuses
 */
export function readStateFile<T extends object>(kind: StateFileKind<T>, path: string): Found<T> {
  const file = readSmallFile(path, kind.mostBytes);
  return file === undefined || 'damage' in file ? file : parseState(kind, file.bytes);
}

/** The content of a file that can be done without: damaged, or refused by the machine, it is as if it were not there. */
export function readIfWhole<T extends object>(kind: StateFileKind<T>, path: string): T | undefined {
  try {
    const found = readStateFile(kind, path);
    return found !== undefined && 'content' in found ? found.content : undefined;
  } catch {
    return undefined;
  }
}

/** The content of the line that `bytes` begin with. */
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
