// The end of a successful run: when every reduce task is committed, their files are verified once more, and then published
// together.

import type { Command, CommittedFile, SkippedBadRecord } from './events.ts';

/** The parts of the plan that the end of a run needs. */
interface Plan {
  readonly skipped: readonly SkippedBadRecord[];
  files(kind: 'reduce'): readonly CommittedFile[];
}

export class Closing {
  /** Whether a `verify` is in progress. */
  isVerifying = false;
  /** Whether no file has been committed or given up since the last `verify` began. */
  isVerified = false;
  /** `broken-off`: the driver that had begun it died. The results may be in place, or not. */
  publication: 'none' | 'begun' | 'broken-off' = 'none';

  /** The signal that asked the run to stop while its results were being published. */
  stoppedBy: string | undefined;

  /** Whether a run that is asked to stop will be done in a moment. Then it stops only if the publication fails. */
  defers(signal: string): boolean {
    if (this.isPublishing) this.stoppedBy = signal;
    return this.isPublishing;
  }

  get isPublishing(): boolean {
    return this.publication === 'begun';
  }

  /** A file has been committed or given up: what was verified is out of date. */
  changed(): void {
    this.isVerified = false;
    this.publication = 'none';
  }

  /** Another driver resumes the run, and verifies everything that the one before has committed. */
  resume(files: readonly CommittedFile[]): Command {
    if (this.isPublishing) this.publication = 'broken-off';
    this.stoppedBy = undefined;
    return this.#verify(files);
  }

  /** The next step when every task is committed; nothing while one is in progress. */
  next(plan: Plan): Command[] {
    if (this.isVerifying || this.isPublishing) return [];
    if (!this.isVerified) return [this.#verify(plan.files('reduce'))];
    this.publication = 'begun';
    return [{ type: 'publish', skipped: plan.skipped }];
  }

  #verify(files: readonly CommittedFile[]): Command {
    this.isVerifying = true;
    this.isVerified = true;
    return { type: 'verify', files };
  }
}
