// Shows a run: on the dashboard and the terminal from the moment one of them looks at it, and in the report and the optional trace
// when it has ended, however it ends. All are made from the journal, so a run that nobody looks at costs no folding.

import { existsSync } from 'node:fs';

import { journalPieces, readJournal } from '../driver/loop/journal-file.ts';
import type { RunShape } from '../driver/plan-run.ts';
import type { RunObserver } from '../driver/run-observer.ts';
import { RunTime } from '../driver/loop/run-time.ts';
import { refusedCall } from '../machine/refused-call.ts';
import type { RunView } from '../view/fold.ts';
import type { LiveRun } from '../view/live-run.ts';
import type { Workspace } from '../workspace/paths.ts';
import { writeReport, writeTrace } from '../files/report-file.ts';

/** The options for seeing a run. */
export interface Watching {
  /** Whether the driver's server serves the dashboard. Default true. */
  readonly dashboard?: boolean | undefined;
  /** The path of a Chrome trace of the run. Default: no trace is written. */
  readonly trace?: string | undefined;
}

/** The notifications for the caller of a run: those of the driver, and those about files written for people. */
export interface LocalObserver extends Omit<RunObserver, 'serving' | 'planned'> {
  /** The run is planned. It can be looked at from its first event on. */
  readonly planned: (shape: RunShape, run: LiveRun) => void;
  /** The report was written, or could not be. The user did not ask for it, so the run is done even without it. */
  reported(path: string, refusal: Error | undefined): void;
  /** The requested trace was written, or could not be. */
  traced(path: string, refusal: Error | undefined): void;
}

export class RunWatch implements AsyncDisposable {
  readonly #workspace: Workspace;
  readonly #watching: Watching;
  readonly #observer: LocalObserver;
  readonly #time = new RunTime();
  readonly #live: LiveRun = { openView: () => this.#openView(), nowMs: () => this.#time.nowMs };
  #runId = '';
  #view: RunView | undefined;

  constructor(workspace: Workspace, watching: Watching, observer: LocalObserver) {
    this.#workspace = workspace;
    this.#watching = watching;
    this.#observer = observer;
  }

  /** Observes the same as the caller's observer, before it. */
  get observer(): RunObserver {
    const { planned, happened, workerPrinted, portTaken, listening } = this.#observer;
    return {
      workerPrinted,
      portTaken,
      listening,
      planned: (shape) => {
        this.#runId = shape.runId;
        planned(shape, this.#live);
      },
      happened: (...what) => {
        this.#time.heard(what[0]);
        this.#view?.observe(...what);
        happened(...what);
      },
      serving: async (server) => {
        const { addRoutes } = await import('../api/routes.ts');
        const { dashboard = true } = this.#watching;
        addRoutes(server, this.#live, { dashboard });
      },
    };
  }

  /** Writes the report and the trace at the end of the run. The run does not fail if the disk refuses either. */
  async [Symbol.asyncDispose](): Promise<void> {
    const journal = this.#workspace.journal(this.#runId);
    if (this.#runId === '' || !existsSync(journal)) return;
    const report = this.#workspace.report(this.#runId);
    this.#observer.reported(report, await refusalOf(report, () => writeReport(report, journalPieces(journal))));
    const { trace } = this.#watching;
    if (trace === undefined) return;
    const write = (): Promise<void> => writeTrace(trace, readJournal(journal)?.lines ?? []);
    this.#observer.traced(trace, await refusalOf(trace, write));
  }

  /** The journal contains exactly the events so far. The view observes all later ones. */
  async #openView(): Promise<RunView> {
    const { RunView } = await import('../view/fold.ts');
    this.#view ??= RunView.of(readJournal(this.#workspace.journal(this.#runId))?.lines ?? []);
    return this.#view;
  }
}

/** Returns the error if something could not be written. */
async function refusalOf(path: string, write: () => void | Promise<void>): Promise<Error | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    return refusedCall(error, path) as Error;
  }
}
