// Shows one task in a dialog: which input it reads, and how each of its attempts ended.

import { outcomeAt, type TaskMoment } from '../view/moment.ts';
import type { AttemptRow, RunRecord } from '../view/record.ts';
import { bytesText, countText, durationText, plural } from '../view/numbers.ts';
import { workerName } from '../view/worker-text.ts';
import { element } from './elements.ts';
import type { PageView } from './page-view.ts';

export class TaskDetails {
  readonly root = element('dialog', { class: 'details', 'aria-label': 'task' });

  constructor() {
    this.root.addEventListener('click', ({ target }) => {
      if (target === this.root) this.root.close();
    });
  }

  show(task: TaskMoment, { record, atMs }: PageView): void {
    const close = element('button', { type: 'button', text: 'close' });
    close.addEventListener('click', () => this.root.close());
    const parts = task.attempts.map((row) => attemptPart(row, record, atMs));
    this.root.replaceChildren(
      element('div', { class: 'title' }, element('h2', { text: `${task.id}: ${task.state}` }), close),
      ...readPart(task, record),
      element('h3', { text: plural(task.attempts.length, 'attempt') }),
      ...(parts.length === 0 ? [element('p', { class: 'hint', text: 'It has not begun.' })] : parts),
    );
    this.root.showModal();
  }
}

function readPart(task: TaskMoment, record: RunRecord): HTMLElement[] {
  const ranges = task.kind === 'map' ? inputRanges(task.index, record) : [];
  if (ranges.length === 0) {
    const text =
      task.kind === 'map'
        ? 'It reads an empty chunk.'
        : `It reads partition ${task.index} of ${plural(record.run.mapCount, 'map output')}.`;
    return [element('p', { text })];
  }
  return [element('h3', { text: 'Input' }), element('ul', {}, ...ranges.map((text) => element('li', { text })))];
}

/** Chunks cover the inputs in order, so a chunk begins at the sum of the sizes of the chunks before it. */
function inputRanges(index: number, { chunkBytes, run }: RunRecord): string[] {
  const start = chunkBytes.slice(0, index).reduce((sum, bytes) => sum + bytes, 0);
  const end = start + (chunkBytes[index] ?? 0);
  let before = 0;
  const ranges: string[] = [];
  for (const { file, sizeBytes } of run.inputs) {
    const from = Math.max(start, before) - before;
    const to = Math.min(end, before + sizeBytes) - before;
    if (to > from) ranges.push(`${file}: bytes ${countText(from)} to ${countText(to)} of ${countText(sizeBytes)}`);
    before += sizeBytes;
  }
  return ranges;
}

function attemptPart(row: AttemptRow, record: RunRecord, atMs: number): HTMLElement {
  const { id, worker, backup, startMs, endMs, records, bytes, recordsOut, bytesOut, spills, phases, error } = row;
  const outcome = outcomeAt(row, atMs);
  const name = workerName(
    worker,
    record.workers.find((other) => other.id === worker),
  );
  const took = durationText(Math.min(endMs ?? atMs, atMs) - startMs);
  const lines = [
    `began at ${durationText(startMs)}, took ${took}`,
    `read ${plural(records, 'record')}, ${bytesText(bytes)}`,
    ...(recordsOut === undefined ? [] : [`wrote ${plural(recordsOut, 'record')}, ${bytesText(bytesOut ?? 0)}`]),
    ...(spills === undefined ? [] : [plural(spills, 'spill')]),
    ...(phases === undefined ? [] : [phases.map(([phase, ms]) => `${phase} ${durationText(ms)}`).join(', ')]),
    ...(error?.place === undefined ? [] : [`at ${error.place}`]),
  ];
  const isOver = outcome !== 'running';
  return element(
    'article',
    { class: 'attempt' },
    element('strong', { text: `${id} on ${name}: ${outcome}${backup ? ', a backup' : ''}` }),
    element('ul', {}, ...lines.map((text) => element('li', { text }))),
    ...(error === undefined || !isOver ? [] : [element('pre', { tabindex: '0', text: errorText(error) })]),
  );
}

function errorText({ message, stack }: NonNullable<AttemptRow['error']>): string {
  if (stack === undefined) return message;
  // Most stacks contain the message.
  return stack.includes(message) ? stack : `${message}\n${stack}`;
}
