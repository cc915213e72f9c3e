// The top of the page: which job, how it stands, how fast it goes, what it waits for.

import type { Moment } from '../view/moment.ts';
import type { RunRecord } from '../view/record.ts';
import { printable } from '../view/printable.ts';
import { rates, remainingMs, waitingText } from '../view/waiting.ts';
import { bytesText, countText, plural } from '../view/numbers.ts';
import { element, setAttribute, setText } from './elements.ts';
import type { Connection } from './source.ts';
import { durationText, type PageView, type Part } from './view.ts';

const STATES = {
  chunk: 'cutting chunks',
  map: 'mapping',
  reduce: 'reducing',
  done: 'done',
  failed: 'failed',
  interrupted: 'interrupted',
} as const;

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  report: 'report',
  live: 'live',
  broken: 'no answer from the driver: trying again',
  over: 'the driver has ended',
};

const FIGURES = ['elapsed', 'ETA of the phase', 'read', 'records', 'workers', 'retries', 'backups', 'skipped'] as const;
type Figure = (typeof FIGURES)[number];

export class Header implements Part {
  readonly root: HTMLElement;
  readonly #job = element('h1');
  readonly #run = element('p', { class: 'run' });
  readonly #state = element('span', { class: 'state', role: 'status' });
  readonly #connection = element('span', { class: 'connection' });
  readonly #waits = element('p', { class: 'waits' });
  readonly #figures = new Map<Figure, HTMLElement>();

  constructor() {
    const figures = element('dl', { class: 'figures' });
    for (const name of FIGURES) {
      const value = element('dd');
      this.#figures.set(name, value);
      figures.append(element('div', {}, element('dt', { text: name }), value));
    }
    const title = element('div', { class: 'title' }, this.#job, this.#state, this.#connection);
    this.root = element('header', { class: 'panel top' }, title, this.#run, this.#waits, figures);
  }

  setConnection(connection: Connection, record: RunRecord | undefined): void {
    const isTorn = connection === 'report' && record?.endedMs === undefined;
    setText(
      this.#connection,
      isTorn ? 'report of a run without an end: its driver died, or goes on' : CONNECTIONS[connection],
    );
    setAttribute(this.#connection, 'data-connection', connection);
  }

  update(view: PageView): void {
    const { record, moment } = view;
    const { run } = record;
    const bytes = run.inputs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    setText(this.#job, run.job);
    setText(
      this.#run,
      `run ${run.id} · ${plural(run.inputs.length, 'input')}, ${bytesText(bytes)} · ` +
        `${plural(run.mapCount, 'map task')}, ${plural(run.reduceCount, 'reduce task')}` +
        `${paramsText(run.params)}${resultsText(run.results)}`,
    );
    setText(this.#state, STATES[moment.phase]);
    setAttribute(this.#state, 'data-state', moment.phase);
    const failure = moment.phase === 'failed' ? record.outcome?.text : undefined;
    setText(this.#waits, failure ?? waitingText(record, moment));
    setAttribute(this.#waits, 'data-failed', String(failure !== undefined));
    for (const [name, text] of Object.entries(figuresOf(view))) setText(this.#figures.get(name as Figure)!, text);
    document.title = printable(`${STATES[moment.phase]} · ${run.job} · http-mapreduce`);
  }
}

function figuresOf({ record, moment, atMs }: PageView): Record<Figure, string> {
  const isOver = record.endedMs !== undefined && atMs >= record.endedMs;
  const { bytes, records } = isOver ? meanRates(moment) : rates(record, atMs);
  const mean = isOver ? ' mean' : '';
  const remaining = remainingMs(moment);
  const here = moment.workers.filter(({ presence }) => presence === 'here');
  const busy = here.filter(({ attempt }) => attempt !== undefined).length;
  const { started, won } = moment.backups;
  return {
    elapsed: durationText(atMs),
    'ETA of the phase': remaining === undefined ? '–' : `about ${durationText(remaining)}`,
    read: `${bytesText(Math.round(bytes))}/s${mean}`,
    records: `${countText(Math.round(records))}/s${mean}`,
    workers: `${busy} busy of ${here.length}`,
    retries: countText(moment.reassignments),
    backups: started === 0 ? '0' : `${countText(started)}, ${countText(won)} first`,
    skipped: plural(moment.skipped, 'record'),
  };
}

/** Input a second, from begin to end. */
function meanRates({ phases, atMs }: Moment): ReturnType<typeof rates> {
  const seconds = Math.max(1, atMs) / 1000;
  return { bytes: phases.map.bytesIn / seconds, records: phases.map.recordsIn / seconds };
}

/** If the results do not lie in the run's own folder. */
function resultsText(folder: string | undefined): string {
  return folder === undefined ? '' : ` · results in ${printable(folder)}`;
}

function paramsText(params: Readonly<Record<string, string>>): string {
  const entries = Object.entries(params);
  return entries.length === 0 ? '' : ` · ${entries.map(([name, value]) => `${name}=${value}`).join(' ')}`;
}
