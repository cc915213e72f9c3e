// The results are put in place when every output has been looked at since the last one was committed, and all of them are
// what their attempts reported; and no run is done before they are in place.

import type { TaskId } from '../../../src/task-ids.ts';
import type { Command, Event } from '../../../src/scheduler/events.ts';
import { type Checker, hold, type Scene } from './checker.ts';

export function publishedResults(): Checker {
  let seen = new Closing();
  return {
    name: 'published results',
    saw: ({ event, commands }, scene) => {
      for (const command of commands) {
        if (command.type === 'publish') hold(seen.isWhole(event, scene), () => 'outputs are put in place unseen');
        if (command.type === 'end' && command.outcome.state === 'done') checkEnd(event, scene);
      }
      seen.saw(event, commands);
    },
    resumed: (_, history) => {
      seen = new Closing();
      for (const { event, commands } of history) seen.saw(event, commands);
    },
  };
}

function checkEnd(event: Event, { files, state }: Scene): void {
  hold(event.type === 'published', () => `the run is done on ${event.type}, before its results are in place`);
  for (const { id, report } of state.tasks.reduce) {
    const content = files.published.get(id);
    hold(content !== undefined, () => `the run is done, and the results lack the output of ${id}`);
    const isSame = content.report.checksum === report?.checksum;
    hold(
      isSame,
      () => `the results have ${content.attempt} as ${id}, which is not what it reported, or not the winner`,
    );
  }
}

/** What has been looked at. */
class Closing {
  /** Those that a look is under way at, or has found whole, since something was last committed or given up. */
  #seen = new Set<TaskId>();
  #isUnderWay = false;

  saw(event: Event, commands: readonly Command[]): void {
    if (event.type === 'task-committed') this.#seen.clear();
    if (event.type === 'outputs-verified') this.#isUnderWay = false;
    for (const command of commands) {
      if (command.type === 'discard') this.#seen.clear();
      if (command.type !== 'verify') continue;
      this.#isUnderWay = true;
      this.#seen = new Set(command.files.map(({ task }) => task));
    }
  }

  isWhole(event: Event, { state }: Scene): boolean {
    if (event.type === 'task-committed' || (this.#isUnderWay && event.type !== 'outputs-verified')) return false;
    return state.tasks.reduce.every((task) => task.state === 'committed' && this.#seen.has(task.id));
  }
}
