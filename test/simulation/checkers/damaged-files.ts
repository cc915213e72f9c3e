// Checks that a file which is found damaged is made again before anything reads it: the file of a task is removed, and its task
// waits; a chunk is written again, and until then no attempt that would read it begins.

import type { AttemptId, TaskId } from '../../../src/task-ids.ts';
import type { Event } from '../../../src/scheduler/events.ts';
import { type Checker, hold, type Scene, startsIn } from './checker.ts';

export function damagedFiles(): Checker {
  /** The open attempts before the event. */
  let open = new Set<AttemptId>();
  const lacking = new Set<number>();
  return {
    name: 'damaged files',
    saw: ({ event, commands }, scene) => {
      if (scene.state.phase === 'ended') return;
      if (event.type === 'chunk-rewritten') lacking.delete(event.chunk);
      const chunk = damagedChunk(event, open);
      if (chunk !== undefined) {
        const isAsked = commands.some((command) => command.type === 'rewrite-chunk' && command.chunk === chunk);
        hold(isAsked || lacking.has(chunk), () => `chunk ${chunk} is damaged, and is not written again`);
        lacking.add(chunk);
      }
      const lost = lostOutput(event, open);
      if (lost !== undefined) checkLost(lost, scene);
      for (const { attempt, task } of startsIn(commands)) {
        hold(![...lacking].some((chunk) => task === `map-${chunk}`), () => `${attempt} begins without its chunk`);
      }
    },
    settled: ({ state, files }) => {
      open = new Set(state.open.keys());
      if (state.phase === 'ended') return;
      for (const task of files.tasks())
        hold(isKnown(task, state), () => `the file of ${task} exists, although the task waits`);
    },
    resumed: () => {
      open.clear();
      lacking.clear();
    },
  };
}

function damagedChunk(event: Event, open: ReadonlySet<AttemptId>): number | undefined {
  if (event.type !== 'attempt-failed' || !open.has(event.attempt)) return undefined;
  return event.failure.damaged?.file === 'chunk' ? event.failure.damaged.task : undefined;
}

function lostOutput(event: Event, open: ReadonlySet<AttemptId>): TaskId | undefined {
  if (event.type === 'output-lost') return event.task;
  if (event.type !== 'attempt-failed' || !open.has(event.attempt)) return undefined;
  const { damaged } = event.failure;
  return damaged?.file === 'map-output' ? `map-${damaged.task}` : undefined;
}

function checkLost(id: TaskId, { state }: Scene): void {
  const task = taskOf(id, state);
  hold(task?.state !== 'committed', () => `the file of ${id} is damaged, and is not made again`);
}

/** Whether a file belongs to a task that is committed or is being committed. */
function isKnown(id: TaskId, state: Scene['state']): boolean {
  const task = taskOf(id, state);
  return task?.state === 'committed' || task?.open.some(({ report }) => report !== undefined) === true;
}

function taskOf(id: TaskId, { tasks }: Scene['state']): Scene['state']['tasks']['map'][number] | undefined {
  const [kind, index] = id.split('-');
  return tasks[kind === 'map' ? 'map' : 'reduce'][Number(index)];
}
