// Writes the log of a run: JSON lines into a file or a pipe, coloured text on a terminal.

import { appendFileSync, openSync } from 'node:fs';

import pino, { type DestinationStream } from 'pino';

import { codeOf, messageOf, SystemError, UsageError } from '../errors.ts';
import { refusedCall } from '../machine/refused-call.ts';
import type { LocalObserver } from '../engine/run-watch.ts';
import { runEvents } from '../engine/run-events.ts';
import type { PreparedJob } from '../engine/local-run.ts';
import { printable } from '../view/printable.ts';
import { say } from './stderr.ts';

export interface LogOptions {
  readonly prepared: PreparedJob;
  /** Default: everything into a file. */
  readonly level: 'debug' | 'info' | 'warn' | undefined;
  /** Default: stderr. */
  readonly file: string | undefined;
}

/**
 * Returns an observer that logs the run. `refused` is called once if the file cannot be written any more.
 * @throws UsageError if the file cannot be opened
 */
export async function openLog(
  { prepared, level, file }: LogOptions,
  refused: (error: SystemError) => void,
): Promise<Partial<LocalObserver>> {
  const target = file === undefined ? await onStderr() : intoFile(file, refused);
  const logger = pino(
    {
      level: level ?? 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    target,
  );
  return runEvents(prepared.job.name, ({ level, message, ...fields }) => logger[level](fields, printable(message)));
}

/** Appends each line at once. A full disk ends the log, not the run. */
function intoFile(path: string, refused: (error: SystemError) => void): DestinationStream {
  let fd: number | undefined = opened(path);
  const write = (line: string): void => {
    if (fd === undefined) return;
    try {
      appendFileSync(fd, line);
    } catch (error) {
      fd = undefined;
      const why = messageOf(refusedCall(error, path));
      say(`the log ends here: ${why}`);
      refused(new SystemError(`--log-file ${why}; the run is done, its log is incomplete`, { cause: error }));
    }
  };
  return { write };
}

function opened(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw new UsageError(
      `--log-file ${path}: expected a file that can be written, found ${codeOf(error) ?? messageOf(error)}`,
    );
  }
}

/** Text for people on a terminal, coloured unless NO_COLOR is set; JSON for programs. */
async function onStderr(): Promise<DestinationStream> {
  if (!process.stderr.isTTY) return process.stderr;
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination: process.stderr.fd,
    sync: true,
    colorize: process.stderr.hasColors(),
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname',
    hideObject: true,
  });
}
