// What a run shows on stderr beside the lines that narrate it.

import type { LocalObserver } from '../engine/run-watch.ts';
import type { RunView } from '../view/fold.ts';
import type { LiveRun } from '../view/live-run.ts';
import { type Moment, momentOf } from '../view/moment.ts';
import type { PrintLine } from '../view/narrator.ts';

/** Observes a run and shows how it stands, until it is disposed of. */
export interface RunDisplay extends Disposable {
  readonly observer: Partial<LocalObserver>;
  /** Prints a line, which stays. */
  readonly print: PrintLine;
}

/** The run as a display sees it. It is folded only when a display asks for it, and once the journal has begun. */
export class WatchedRun {
  #run: LiveRun | undefined;
  #hasBegun = false;
  #view: RunView | undefined;
  #isOpening = false;

  readonly observer = {
    planned: (_shape: unknown, run: LiveRun): void => void (this.#run = run),
    happened: (): void => void (this.#hasBegun = true),
  };

  /** How the run stands now; undefined until `open` has succeeded. */
  get moment(): Moment | undefined {
    const view = this.#view;
    return view === undefined ? undefined : momentOf(view.record, this.#run!.nowMs() - view.startedAt);
  }

  /** Folds the run, unless that has been done. If its journal cannot be read, the run goes on without a display. */
  async open(): Promise<void> {
    if (this.#run === undefined || !this.#hasBegun || this.#isOpening) return;
    this.#isOpening = true;
    this.#view = await this.#run.openView().catch(() => undefined);
  }
}
