// Shows the top of the page: the job, how the run stands, how fast it goes, and what it waits for.

import type { RunRecord } from '../view/record.ts';
import { printable } from '../view/printable.ts';
import { element, setAttribute, setText } from './elements.ts';
import { type Figure, FIGURES, headerTexts } from './header-texts.ts';
import type { Connection } from './source.ts';
import type { PageView, Part } from './page-view.ts';

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  report: 'report',
  live: 'live',
  broken: 'no answer from the driver: trying again',
  over: 'the driver has ended',
};

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
    const isUnended = connection === 'report' && record?.endedMs === undefined;
    setText(
      this.#connection,
      isUnended
        ? 'report of a run without an end: its driver died, or the run is still going on'
        : CONNECTIONS[connection],
    );
    setAttribute(this.#connection, 'data-connection', connection);
  }

  update({ moment }: PageView): void {
    const { record, phase } = moment;
    const { run, state, sentence, details, figures } = headerTexts(moment);
    setText(this.#job, record.run.job);
    setText(this.#run, run);
    setText(this.#state, state);
    setAttribute(this.#state, 'data-state', phase);
    setText(this.#waits, details === '' ? sentence : `${sentence}\n${details}`);
    setAttribute(this.#waits, 'data-failed', String(phase === 'failed'));
    for (const name of FIGURES) setText(this.#figures.get(name)!, figures[name]);
    document.title = printable(`${state} · ${record.run.job} · http-mapreduce`);
  }
}
