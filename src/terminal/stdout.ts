// stdout: written as fast as its reader takes it, and no longer than he wants it. What it refuses is remembered, because the
// command has other things to do first, and told at the end: a result that nobody got is no success.

import { once } from 'node:events';
import { closeSync, fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

import { codeOf, type SystemError } from '../errors.ts';
import { refusedCall } from '../machine/refused-call.ts';

const STDOUT = 1;
const NAME = 'stdout';

/** The reader has seen enough, or the terminal was closed: that is no error. */
const READER_GONE: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

let isOpen = true;
let refusal: unknown;

/**
 * A file or a device takes what it is given at once. Node's own stream for them loses the rest if it takes a part only, as
 * the last free bytes of a disk do.
 */
const isFile = takesAtOnce();

process.stdout.on('error', ended);

/** Writes a text. The end of the command waits until all of it has been taken. */
export function print(text: string): void {
  void wrote(text);
}

/** Writes all pieces; stops early if nobody takes them. */
export async function writeOut(pieces: Iterable<string> | AsyncIterable<string | Uint8Array>): Promise<void> {
  for await (const piece of pieces) {
    if (!wrote(piece)) await once(process.stdout, 'drain').catch(ended);
    if (!isOpen) return;
  }
}

/** Waits until everything has been taken. Returns why something was not. Nothing may be written after that. */
export async function endOutput(): Promise<SystemError | undefined> {
  if (!isFile) await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  else if (isOpen) closeFile();
  isOpen = false;
  return refusal as SystemError | undefined;
}

/** Returns false if stdout wants no more for now. */
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

/** Some file systems say only now that there was no room. */
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
