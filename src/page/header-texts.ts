// Makes the texts of the page's header.

import type { Moment } from '../view/moment.ts';
import { bytesText, countText, durationText, plural } from '../view/numbers.ts';
import { printable } from '../view/printable.ts';
import type { RunRecord } from '../view/record.ts';
import { ratesOf, remainingMs } from '../view/remaining-time.ts';
import { waitingText } from '../view/waiting.ts';
import { workersText } from '../view/worker-text.ts';

const STATES = {
  chunk: 'cutting chunks',
  map: 'mapping',
  reduce: 'reducing',
  done: 'done',
  failed: 'failed',
  interrupted: 'interrupted',
} as const;

export const FIGURES = [
  'elapsed',
  'ETA of the phase',
  'read',
  'records',
  'workers',
  'retries',
  'backups',
  'skipped',
] as const;
export type Figure = (typeof FIGURES)[number];

export interface HeaderTexts {
  readonly run: string;
  readonly state: string;
  /** What the run waits for. */
  readonly sentence: string;
  /** If the run has failed: more about its failure, such as the stack of the user's code. Otherwise empty. */
  readonly details: string;
  readonly figures: Readonly<Record<Figure, string>>;
}

export function headerTexts(moment: Moment): HeaderTexts {
  const { record, phase } = moment;
  const details = phase === 'failed' ? (record.outcome?.text.split('\n').slice(1) ?? []) : [];
  return {
    run: runText(record),
    state: STATES[phase],
    sentence: waitingText(moment),
    details: details.join('\n'),
    figures: figuresOf(moment),
  };
}

function runText({ run }: RunRecord): string {
  const bytes = run.inputs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    `run ${run.id} · ${plural(run.inputs.length, 'input')}, ${bytesText(bytes)} · ` +
    `${plural(run.mapCount, 'map task')}, ${plural(run.reduceCount, 'reduce task')}` +
    `${paramsText(run.params)}${resultsText(run.results)}`
  );
}

function figuresOf(moment: Moment): HeaderTexts['figures'] {
  const { record, atMs, workers, retries, backups, skipped } = moment;
  const isOver = record.endedMs !== undefined && atMs >= record.endedMs;
  const { bytes, records } = isOver ? meanRates(moment) : ratesOf(moment);
  const mean = isOver ? ' mean' : '';
  const remaining = remainingMs(moment);
  return {
    elapsed: durationText(atMs),
    'ETA of the phase': remaining === undefined ? '–' : `about ${durationText(remaining)}`,
    read: `${bytesText(Math.round(bytes))}/s${mean}`,
    records: `${countText(Math.round(records))}/s${mean}`,
    workers: workersText(workers),
    retries: countText(retries),
    backups: backups.started === 0 ? '0' : `${countText(backups.started)}, ${countText(backups.won)} first`,
    skipped: plural(skipped, 'record'),
  };
}

/** The input read per second, over the whole run. */
function meanRates({ phases, atMs }: Moment): ReturnType<typeof ratesOf> {
  const seconds = Math.max(1, atMs) / 1000;
  return { bytes: phases.map.bytesIn / seconds, records: phases.map.recordsIn / seconds };
}

/** Empty if the results are in the run's own folder. */
function resultsText(folder: string | undefined): string {
  return folder === undefined ? '' : ` · results in ${printable(folder)}`;
}

function paramsText(params: Readonly<Record<string, string>>): string {
  const entries = Object.entries(params);
  return entries.length === 0 ? '' : ` · ${entries.map(([name, value]) => `${name}=${value}`).join(' ')}`;
}
