// The page of a run: live beside its driver, or as a report out of a file. All parts are told the same moment.

import { type Moment, momentOf } from '../view/moment.ts';
import type { AttemptRow } from '../view/record.ts';
import { Counters } from './counters.ts';
import { element } from './elements.ts';
import { Feed } from './feed.ts';
import { Header } from './header.ts';
import { Heatmap } from './heatmap.ts';
import { InTurns } from './in-turns.ts';
import { Lanes } from './lanes.ts';
import { Phases } from './phases.ts';
import { RatesChart } from './rates-chart.ts';
import { Scrubber } from './scrubber.ts';
import { openSource } from './source.ts';
import { TaskDetails } from './task-details.ts';
import { Tasks } from './tasks.ts';
import { mountTooltip } from './tooltip.ts';
import type { PageView, Part } from './view.ts';
import { Workers } from './worker-cards.ts';
import { indexOf, kindOf } from '../task-ids.ts';

/** Clocks on the page move on this often, also when nothing happens. */
const TICK_MS = 500;
/** Tables and cards are read, not watched: while the run goes on, or is scrubbed, they are filled this often. */
const SLOW_MS = { live: 900, scrubbed: 200 };

const header = new Header();
const details = new TaskDetails();
let shown: PageView | undefined;

/** Painted at once, and filled at leisure. */
const quick: readonly Part[] = [header, new Phases(), new Lanes(openAttempt)];
const slow: readonly Part[] = [
  new RatesChart(),
  new Heatmap(),
  new Workers(),
  new Tasks(({ task }) => {
    if (shown !== undefined) details.show(task, shown);
  }),
  new Counters(),
  new Feed(),
];
const inTurns = new InTurns(slow, askFrame);

let isAsked = false;
const source = openSource(changed);
const scrubber = new Scrubber(changed);

mountTooltip();
const [top, phases, lanes] = quick.map(({ root }) => root);
const [rates, heatmap, workers, tasks, counters, feed] = slow.map(({ root }) => root);
document.body.append(
  element(
    'main',
    {},
    top!,
    scrubber.root,
    element('div', { class: 'pair' }, phases!, rates!),
    lanes!,
    heatmap!,
    workers!,
    element('div', { class: 'pair wide' }, tasks!, element('div', { class: 'stack' }, counters!, feed!)),
  ),
  details.root,
);
setInterval(() => {
  if (source.record !== undefined && source.record.endedMs === undefined) changed();
}, TICK_MS);
changed();

/** There is something new: the next frame shows it. */
function changed(): void {
  inTurns.changed();
  askFrame();
}

function askFrame(): void {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    show();
  });
}

function show(): void {
  const { record } = source;
  header.setConnection(source.connection, record);
  if (record === undefined) return;
  // A report of a run whose driver died has no end: it is seen as far as it is known.
  const isOver = record.endedMs !== undefined || source.connection === 'report';
  if (isOver) scrubber.offer(record.endedMs ?? record.nowMs);
  const atMs = scrubber.atMs ?? source.nowMs();
  const moment: Moment = momentOf(record, atMs);
  shown = { record, moment, atMs, isLive: !isOver };
  for (const part of quick) part.update(shown);
  inTurns.fill(shown, isOver ? SLOW_MS.scrubbed : SLOW_MS.live);
  document.body.dataset['ready'] = 'true';
}

function openAttempt({ task }: AttemptRow): void {
  const chosen = shown?.moment.tasks[kindOf(task)][indexOf(task)];
  if (shown !== undefined && chosen !== undefined) details.show(chosen, shown);
}
