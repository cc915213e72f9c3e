// The journal of a run: `history/RUN/journal.ndjson`, a JSON line an event. Lines are only ever added. Each carries the
// crc32 of what it says, as its last field: what a crash has torn, or a disk has changed, is seen, and is not believed.

import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

import { UsageError } from '../errors.ts';
import { JOURNAL, type JournalLine, type RunStarted } from '../scheduler/journal.ts';
import { refusedWrite } from '../refused-write.ts';

/** What is left of a journal. */
export interface ReadJournal {
  readonly lines: readonly JournalLine[];
  /** How many bytes of the file they take: what stands behind them is torn or damaged. */
  readonly bytes: number;
  readonly isWhole: boolean;
}

const CHECKSUM = /,"crc":"([0-9a-f]{8})"\}$/;

export function formatLine(line: JournalLine): string {
  const text = JSON.stringify(line);
  return `${text.slice(0, -1)},"crc":"${checksumOf(text)}"}\n`;
}

/**
 * The lines up to the first that is torn or damaged. What came after it is not used either: a scheduler that is told a part
 * of what happened comes to another state.
 * @throws UsageError where `text` is no journal, or one of another version; `path` is for the message
 */
export function parseJournal(text: string, path: string): ReadJournal {
  const lines: JournalLine[] = [];
  let at = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
    const line = parseLine(text.slice(at, end));
    if (at === 0) checkFirst(line, text.slice(0, end), path);
    if (line === undefined) break;
    lines.push(line);
    at = end + 1;
  }
  return { lines, bytes: Buffer.byteLength(text.slice(0, at)), isWhole: at === text.length };
}

function parseLine(text: string): JournalLine | undefined {
  const found = CHECKSUM.exec(text);
  if (found === null) return undefined;
  const said = `${text.slice(0, found.index)}}`;
  return checksumOf(said) === found[1] ? (JSON.parse(said) as JournalLine) : undefined;
}

/** The first line says which version this is: also one that has other checksums, or none. */
function checkFirst(line: JournalLine | undefined, text: string, path: string): void {
  const version = versionOf(line ?? parseAnything(text));
  if (version === JOURNAL && line !== undefined) return;
  const found =
    version === undefined
      ? 'something else'
      : version === JOURNAL
        ? 'a first line that is damaged'
        : `version ${version}`;
  throw new UsageError(
    `${path}: expected a journal of version ${JOURNAL}, found ${found}; a run with --fresh, or mapreduce reset, does without it`,
  );
}

function versionOf(line: unknown): string | undefined {
  const { type, journal } = (line ?? {}) as Partial<RunStarted>;
  return type === 'run-started' ? String(journal) : undefined;
}

function parseAnything(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

/** An open journal. */
export class JournalFile implements Disposable {
  readonly #path: string;
  readonly #fd: number;
  #synced: Promise<void> = Promise.resolve();

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /** A new journal, in a folder of its own. */
  static create(path: string): JournalFile {
    mkdirSync(dirname(path), { recursive: true });
    return new JournalFile(path, openSync(path, 'wx'));
  }

  /** Goes on with a journal behind its first `bytes` bytes. */
  static resume(path: string, bytes: number): JournalFile {
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, bytes);
    closeSync(fd);
    return new JournalFile(path, openSync(path, 'a'));
  }

  /** @throws SystemError where the disk is full */
  append(lines: readonly JournalLine[]): void {
    const bytes = Buffer.from(lines.map(formatLine).join(''));
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      throw refusedWrite(error, this.#path, bytes.length - written);
    }
  }

  /** Waits until the disk has all lines. */
  sync(): Promise<void> {
    this.#synced = this.#synced.then(() => promisify(fdatasync)(this.#fd));
    return this.#synced;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
