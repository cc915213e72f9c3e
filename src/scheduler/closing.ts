// How a run that goes well comes to its end: when every reduce task is committed, their files are looked at once more, and
// then put in place together.

import type { Command, CommittedFile } from './events.ts';
import type { Plan } from './plan.ts';

export class Closing {
  /** Whether a `verify` is under way. */
  isVerifying = false;
  /** Whether nothing has been committed or given up since the last `verify` began. */
  isVerified = false;
  /** `broken-off`: by the death of the driver that had begun it. The results may be in place, or not. */
  publication: 'none' | 'begun' | 'broken-off' = 'none';

  /** Who asked the run to stop in the moment in which it was about to be done. */
  stoppedBy: string | undefined;

  /** Whether a run that is asked to stop is done in a moment; it stops only if that does not go well. */
  defers(signal: string): boolean {
    if (this.isPublishing) this.stoppedBy = signal;
    return this.isPublishing;
  }

  get isPublishing(): boolean {
    return this.publication === 'begun';
  }

  /** A file has been committed or given up: what has been looked at is not what there is. */
  changed(): void {
    this.isVerified = false;
    this.publication = 'none';
  }

  /** Another driver goes on, and looks at everything that the one before has committed. */
  resume(files: readonly CommittedFile[]): Command {
    if (this.isPublishing) this.publication = 'broken-off';
    this.stoppedBy = undefined;
    return this.#verify(files);
  }

  /** What comes next where every task is committed: nothing where something is under way. */
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
