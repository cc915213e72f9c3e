// Checks that the results are published after every output has been checked since the last commit, that all of them are as their
// attempts reported, and that no run is done before they are published.

import type { TaskId } from '../../../src/task-ids.ts';
import type { Command, Event } from '../../../src/scheduler/events.ts';
import { type Checker, hold, type Scene } from './checker.ts';

export function publishedResults(): Checker {
  let seen = new Closing();
  return {
    name: 'published results',
    saw: ({ event, commands }, scene) => {
      for (const command of commands) {
        if (command.type === 'publish') hold(seen.isWhole(event, scene), () => 'outputs are published unchecked');
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
  hold(event.type === 'published', () => `the run is done on ${event.type}, before its results are published`);
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

/** Tracks the checks of outputs. */
class Closing {
  /** The outputs that are being checked, or were found whole, since the last commit or discard. */
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
