// The page of a run, live from its driver or as a report in a file. All parts show the same moment.

import { type Moment, momentOf } from '../view/moment.ts';
import type { AttemptRow } from '../view/record.ts';
import { Counters } from './counters.ts';
import { element } from './elements.ts';
import { Feed } from './feed.ts';
import { Header } from './header.ts';
import { Heatmap } from './heatmap.ts';
import { InTurns } from './fill-in-turns.ts';
import { Lanes } from './lanes.ts';
import { Phases } from './phases.ts';
import { RatesChart } from './rates-chart.ts';
import { Scrubber } from './scrubber.ts';
import { openSource } from './source.ts';
import { TaskDetails } from './task-details.ts';
import { Tasks } from './tasks.ts';
import { mountTooltip } from './tooltip.ts';
import type { PageView, Part } from './page-view.ts';
import { Workers } from './worker-cards.ts';
import { indexOf, kindOf } from '../task-ids.ts';

/** Clocks on the page move on this often, even if nothing happens. */
const TICK_MS = 500;
/** How often tables and cards are filled, during a run or while a report is scrubbed: people read them rather than watch them. */
const SLOW_MS = { live: 900, scrubbed: 200 };

const header = new Header();
const details = new TaskDetails();
let shown: PageView | undefined;

/** Updated in every frame; the slow parts take turns. */
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

/** There is something new to show in the next frame. */
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
  // If the driver died, a report has no end, and shows as much as is known.
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
