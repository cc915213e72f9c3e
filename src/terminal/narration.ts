// Observes a run and narrates it, one line per event that matters.

import { availableParallelism } from 'node:os';
import { relative } from 'node:path';

import { totalBytes } from '../driver/inputs/inputs.ts';
import type { RunShape } from '../driver/driver.ts';
import type { PreparedJob } from '../engine/local-run.ts';
import type { LocalObserver } from '../engine/run-watch.ts';
import { Narrator, type PrintLine } from '../view/narrator.ts';
import { bytesText, plural } from '../view/numbers.ts';

/** The driver's server, as the options ask for it. */
export interface DriverServer {
  readonly port: number;
  /** Whether it shows a page. */
  readonly dashboard: boolean;
}

export function narration(prepared: PreparedJob, { port, dashboard }: DriverServer, print: PrintLine): LocalObserver {
  const narrator = new Narrator(print);
  const note = (line: string): void => print(line, false);
  return {
    planned: (shape) => {
      note(plan(prepared, shape));
      const cores = availableParallelism();
      if (shape.workerCount > cores)
        note(`${shape.workerCount} workers on ${plural(cores, 'core')} take longer than ${cores}`);
    },
    happened: narrator.observe.bind(narrator),
    workerPrinted: (worker, line) => note(`[worker ${worker}] ${line}`),
    listening: (url) => {
      const { port: found } = new URL(url);
      if (found !== String(port)) note(`port ${port} is held by something else; the driver itself takes ${found}`);
      if (dashboard) print(`watch the run at ${url}/`, true);
      print(`the driver listens at ${url}; more workers join with: mapreduce worker --join ${url}`, true);
    },
    reported: (path, refusal) =>
      refusal === undefined
        ? print(`report: ${relative(process.cwd(), path)}`, true)
        : note(`no report of the run: ${refusal.message}`),
    traced: (_path, refusal) => {
      if (refusal !== undefined) note(`no trace of the run: ${refusal.message}`);
    },
    portTaken: (worker, port, next) => note(`port ${port} is held by something else; worker ${worker} takes ${next}`),
  };
}

/** `3 files, 1.23 MB` */
export function sizeOf({ inputs }: PreparedJob): string {
  return `${plural(inputs.length, 'file')}, ${bytesText(totalBytes(inputs))}`;
}

function plan(prepared: PreparedJob, { runId, found, mapCount, reduceCount, workerCount, resumes }: RunShape): string {
  const listening = found.listening.length;
  const from = listening === 0 ? 'spawned here' : `${listening} of them listening already`;
  const continued =
    resumes === undefined
      ? ''
      : `continues run ${runId}, of which ${resumes.map} of ${mapCount} map tasks and ` +
        `${resumes.reduce} of ${reduceCount} reduce tasks were committed (--fresh starts over)\n`;
  return (
    `${continued}${prepared.job.name} over ${sizeOf(prepared)}: ${plural(mapCount, 'map task')}, ` +
    `${plural(reduceCount, 'reduce task')}, ${plural(workerCount, 'worker')}, ${from}`
  );
}
