// Makes the lines of an attempt's tooltip.

import { outcomeAt } from '../view/moment.ts';
import { bytesText, durationText, plural } from '../view/numbers.ts';
import type { AttemptRow } from '../view/record.ts';

const MOST_ERROR_LENGTH = 200;

export function tooltipLines(row: AttemptRow, atMs: number): string[] {
  const { id, worker, backup, startMs, endMs, records, bytes, phases, error } = row;
  const outcome = outcomeAt(row, atMs);
  return [
    `${id} on worker ${worker}: ${outcome}${backup ? ', a backup' : ''}`,
    `from ${durationText(startMs)}, for ${durationText((endMs ?? atMs) - startMs)}`,
    `${plural(records, 'record')}, ${bytesText(bytes)} read`,
    ...(phases === undefined ? [] : [phases.map(([name, ms]) => `${name} ${durationText(ms)}`).join(' · ')]),
    ...(error === undefined || outcome === 'running'
      ? []
      : [error.message.split('\n', 1)[0]!.slice(0, MOST_ERROR_LENGTH)]),
  ];
}
