// Writes the log of a run: JSON lines into a file or a pipe, coloured text on a terminal.

import { appendFileSync, openSync } from 'node:fs';

import pino, { type DestinationStream, type Logger } from 'pino';

import { codeOf, messageOf, SystemError, UsageError } from '../errors.ts';
import { refusedCall } from '../machine/refused-call.ts';
import type { LocalObserver } from '../engine/run-watch.ts';
import type { PreparedJob } from '../engine/local-run.ts';
import { LogEntries } from '../view/log-entry.ts';
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
  return observerOf(logger, prepared);
}

function observerOf(root: Logger, { job }: PreparedJob): Partial<LocalObserver> {
  const entries = new LogEntries();
  let logger = root;
  return {
    planned: ({ runId, mapCount, reduceCount, workerCount }) => {
      logger = root.child({ runId });
      logger.info({ event: 'planned', job: job.name, mapCount, reduceCount, workerCount }, `${job.name} begins`);
    },
    happened: (...what) => {
      for (const { level, message, fields } of entries.of(...what)) logger[level](fields, printable(message));
    },
    workerPrinted: (worker, line) => logger.info({ event: 'worker-printed', worker }, printable(line)),
    portTaken: (worker, port, next) =>
      logger.info({ event: 'port-taken', worker, port, next }, `port ${port} is taken: worker ${worker} has ${next}`),
    listening: (url) => logger.info({ event: 'listening', url }, `the driver listens at ${url}`),
  };
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
