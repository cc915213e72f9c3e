// Writes to stdout as fast as it is read, and stops when the reader does. If stdout refuses something, the command does its other
// work first and reports the refusal at the end: a result that could not be delivered is not a success.

import { once } from 'node:events';
import { closeSync, fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

import { codeOf, type SystemError } from '../errors.ts';
import { refusedCall } from '../machine/refused-call.ts';

const STDOUT = 1;
const NAME = 'stdout';

/** The reader has stopped, or the terminal was closed. That is not an error. */
const READER_GONE: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

let isOpen = true;
let refusal: unknown;

/**
 * Whether stdout is a file or a device, which takes bytes at once. Node's own stream for them loses the rest after a partial write,
 * as when a disk has only a few bytes left.
 */
const isFile = takesAtOnce();

process.stdout.on('error', ended);

/** Writes a text. `endOutput` waits until all of it has been taken. */
export function print(text: string): void {
  void wrote(text);
}

/** Writes all pieces, or stops early if stdout takes no more. */
export async function writeOut(pieces: Iterable<string> | AsyncIterable<string | Uint8Array>): Promise<void> {
  for await (const piece of pieces) {
    if (!wrote(piece)) await once(process.stdout, 'drain').catch(ended);
    if (!isOpen) return;
  }
}

/** Waits until everything has been taken. Returns the error if something was not. Nothing may be written after this. */
export async function endOutput(): Promise<SystemError | undefined> {
  if (!isFile) await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  else if (isOpen) closeFile();
  isOpen = false;
  return refusal as SystemError | undefined;
}

/** Returns false if stdout can take no more for now. */
function wrote(text: string | Uint8Array): boolean {
  if (!isOpen) return true;
  if (!isFile) return process.stdout.write(text);
  try {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    for (let at = 0; at < bytes.length;) at += writeSync(STDOUT, bytes, at);
  } catch (error) {
    ended(error);
  }
  return true;
}

/** Some file systems report only now that there was no room. */
function closeFile(): void {
  try {
    closeSync(STDOUT);
  } catch (error) {
    ended(error);
  }
}

function ended(error: unknown): void {
  isOpen = false;
  const code = codeOf(error) ?? '';
  const isGone = READER_GONE.has(code) || (code === 'EIO' && isatty(STDOUT));
  if (!isGone) refusal ??= refusedCall(error, NAME);
}

function takesAtOnce(): boolean {
  const kind = fstatSync(STDOUT);
  return kind.isFile() || kind.isBlockDevice() || (kind.isCharacterDevice() && !isatty(STDOUT));
}
