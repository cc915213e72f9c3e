// The journal of a run, `history/RUN/journal.ndjson`: one line of sealed JSON per event. Lines are only ever appended. Each
// checksum continues that of the line before, so lines that a crash has torn, or a disk changed, lost or moved, are detected.

import { closeSync, constants, fdatasync, fsync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

import { UsageError } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import { refusedWrite } from '../../machine/full-disk.ts';
import { openFile } from '../../machine/regular-file.ts';
import { JOURNAL, type JournalLine, OLDER_JOURNAL, type RunStarted } from '../../scheduler/journal.ts';
import { seal, unseal } from '../../workspace/sealed-json.ts';
import { jsonLinesOf, piecesOf } from './file-lines.ts';

/** The valid part of a journal. */
export interface ReadJournal {
  readonly lines: readonly JournalLine[];
  /** The number of bytes that they take in the file: anything after them is torn or damaged. */
  readonly bytes: number;
  /** The starting value for the checksum of the next line. */
  readonly checksum: number;
  readonly isWhole: boolean;
}

/** The beginning of every journal: a file with less than one line of it was torn before anything had begun. */
const BEGIN = '{"at":';
/** Far more bytes than a line has. Text without a line end within them is not a line. */
const MOST_LINE_BYTES = 256 << 20;

/** Formats the lines of one journal, in their order. */
export class JournalText {
  #checksum: number;

  /** `checksum` is that of the line before the first. */
  constructor(checksum = 0) {
    this.#checksum = checksum;
  }

  format(line: JournalLine): string {
    const { text, checksum } = seal(line, this.#checksum);
    this.#checksum = checksum;
    return `${text}\n`;
  }
}

/**
 * Reads a journal; undefined if there is no such file.
 * @throws UsageError if the file is not a journal, or one of another version; SystemError if the machine refuses to read it
 */
export function readJournal(path: string): ReadJournal | undefined {
  const file = openFile(path);
  if (file === undefined) return undefined;
  if ('damage' in file) throw notOurs(path, file.damage);
  using open = file;
  try {
    return parseJournal(piecesOf(open.fd), path);
  } catch (error) {
    throw refusedCall(error, path);
  }
}

/** The first line of a journal; undefined if there is no valid one. */
export function readFirstLine(path: string): RunStarted | undefined {
  try {
    const file = openFile(path);
    if (file === undefined || 'damage' in file) return undefined;
    using open = file;
    const [first] = jsonLinesOf(piecesOf(open.fd), MOST_LINE_BYTES);
    const line = first?.isEnded === true ? unseal(first.line)?.value : undefined;
    return versionOf(line) === JOURNAL ? (line as RunStarted) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Yields the text of a journal piece by piece, each in the same memory, as far as it consists of lines: what follows may be of
 * any size. Yields nothing if there is no journal.
 */
export function* journalPieces(path: string): Generator<Buffer> {
  const file = openFile(path);
  if (file === undefined || 'damage' in file) return;
  using open = file;
  let left = 0;
  for (const { line, isEnded } of jsonLinesOf(piecesOf(open.fd), MOST_LINE_BYTES)) if (isEnded) left += line.length + 1;
  for (const piece of piecesOf(open.fd)) {
    if (left === 0) return;
    const whole = piece.subarray(0, left);
    left -= whole.length;
    yield whole;
  }
}

/**
 * Parses the lines up to the first that is torn or damaged. Later lines are not used either: a scheduler that replays only some
 * of the events comes to another state.
 * @throws UsageError if `pieces` are not a journal, or one of another version; `path` is for the message
 */
export function parseJournal(pieces: Iterable<Buffer>, path: string): ReadJournal {
  const lines: JournalLine[] = [];
  let [bytes, checksum, isChained] = [0, 0, true];
  for (const { line: text, isEnded } of jsonLinesOf(pieces, MOST_LINE_BYTES)) {
    if (lines.length === 0) isChained = checkFirst(text, isEnded, path);
    const read = isEnded ? unseal(text, isChained ? checksum : 0) : undefined;
    if (read === undefined) return { lines, bytes, checksum, isWhole: false };
    lines.push(read.value as JournalLine);
    ({ checksum } = read);
    bytes += text.length + 1;
  }
  return { lines, bytes, checksum, isWhole: true };
}

/**
 * Checks the version in the first line, which every version has, whatever its checksums. Returns whether the checksum of each
 * line continues that of the line before.
 */
function checkFirst(text: Buffer, isEnded: boolean, path: string): boolean {
  if (!isEnded) {
    if (text.subarray(0, BEGIN.length).toString('latin1') === BEGIN.slice(0, text.length)) return true;
    throw notOurs(path, 'found something else');
  }
  const line = unseal(text)?.value;
  const version = versionOf(line ?? parseAnything(text));
  if (line !== undefined && (version === JOURNAL || version === OLDER_JOURNAL)) return version === JOURNAL;
  if (version === undefined) throw notOurs(path, 'found something else');
  throw notOurs(path, version === JOURNAL ? 'found a first line that is damaged' : `found version ${version}`);
}

function notOurs(path: string, found: string): UsageError {
  const ways = 'start over with --fresh, or after mapreduce reset';
  return new UsageError(`${path}: expected a journal of version ${JOURNAL}, ${found}; ${ways}`);
}

function versionOf(line: unknown): string | undefined {
  const { type, journal } = (line ?? {}) as Partial<RunStarted>;
  return type === 'run-started' ? String(journal) : undefined;
}

function parseAnything(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** An open journal. */
export class JournalFile implements Disposable {
  readonly #path: string;
  readonly #fd: number;
  readonly #text: JournalText;
  #synced: Promise<void> = Promise.resolve();

  private constructor(path: string, fd: number, checksum: number) {
    this.#path = path;
    this.#fd = fd;
    this.#text = new JournalText(checksum);
  }

  /** Creates a journal, in a folder of its own. */
  static create(path: string): JournalFile {
    mkdirSync(dirname(path), { recursive: true });
    const journal = new JournalFile(path, openSync(path, 'wx'), 0);
    // Its name, and that of its folder, are on the disk once `sync` has returned.
    for (const folder of [dirname(path), dirname(dirname(path))]) journal.#syncFolder(folder);
    return journal;
  }

  /** Opens a journal to append to its valid part; cuts off the rest. */
  static resume(path: string, { bytes, checksum }: Pick<ReadJournal, 'bytes' | 'checksum'>): JournalFile {
    try {
      const fd = openSync(path, 'r+');
      ftruncateSync(fd, bytes);
      closeSync(fd);
      return new JournalFile(path, openSync(path, 'a'), checksum);
    } catch (error) {
      throw refusedCall(error, path);
    }
  }

  /** @throws SystemError if the disk is full, or refuses in another way */
  append(lines: readonly JournalLine[]): void {
    const bytes = Buffer.from(lines.map((line) => this.#text.format(line)).join(''));
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      throw refusedCall(refusedWrite(error, this.#path, bytes.length - written), this.#path);
    }
  }

  /** Waits until the disk has all lines. @throws SystemError if it refuses */
  sync(): Promise<void> {
    const sync = async (): Promise<void> => {
      try {
        await promisify(fdatasync)(this.#fd);
      } catch (error) {
        throw refusedCall(error, this.#path);
      }
    };
    this.#synced = this.#synced.then(sync);
    return this.#synced;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #syncFolder(folder: string): void {
    const fd = openSync(folder, constants.O_RDONLY);
    const sync = promisify(fsync)(fd).finally(() => closeSync(fd));
    // A failure is reported to the caller of `sync`.
    this.#synced = Promise.all([this.#synced, sync]).then(() => {});
    this.#synced.catch(() => {});
  }
}
