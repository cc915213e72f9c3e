// Shows how fast the run read over time, and how many attempts ran, as a chart (uPlot).

import uPlot from 'uplot';

import { outcomeAt } from '../view/moment.ts';
import type { RunRecord } from '../view/record.ts';
import { colours, onScheme } from './colours.ts';
import { element, panel } from './elements.ts';
import type { PageView, Part } from './page-view.ts';
import { kindOf } from '../task-ids.ts';

// oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- uPlot's is a const enum: types only, nothing to import
const RIGHT = 1 as uPlot.Axis.Side;
const BUCKETS = 120;
/** The steps between the marks of an axis of counts. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const HEIGHT = 232;

export class RatesChart implements Part {
  readonly root: HTMLElement;
  readonly #box = element('div', {
    class: 'chart',
    role: 'img',
    'aria-label': 'Megabytes read per second by map and reduce tasks, and attempts running, over time',
  });
  #plot: uPlot | undefined;
  #data: uPlot.AlignedData = [[], [], [], []];

  constructor() {
    this.root = panel('rates', 'Throughput', this.#box);
    new ResizeObserver(() => this.#resize()).observe(this.#box);
    onScheme(() => this.#build());
  }

  update({ record, atMs }: PageView): void {
    this.#data = seriesOf(record, atMs);
    if (this.#plot === undefined) this.#build();
    else this.#plot.setData(this.#data);
  }

  #resize(): void {
    const width = this.#box.clientWidth;
    if (this.#plot !== undefined && width > 0 && this.#plot.width !== width)
      this.#plot.setSize({ width, height: HEIGHT });
  }

  #build(): void {
    this.#plot?.destroy();
    this.#plot = new uPlot(optionsFor(this.#box.clientWidth || 400), this.#data, this.#box);
  }
}

function optionsFor(width: number): uPlot.Options {
  const { map, reduce, muted, line, warn } = colours();
  const axis = {
    stroke: muted,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
    font: '11px system-ui',
  };
  const spline = uPlot.paths.linear!();
  return {
    width,
    height: HEIGHT,
    cursor: { points: { size: 6 } },
    scales: {
      x: { time: false },
      rate: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] },
      count: { range: (_plot, _min, max) => [0, Math.max(2, max + 1)] },
    },
    legend: { live: true },
    series: [
      { label: 'at', value: (_plot, value) => (value === null ? '–' : `${value.toFixed(1)} s`) },
      {
        label: 'map MB/s',
        scale: 'rate',
        stroke: map,
        fill: `${map}33`,
        width: 1.5,
        paths: spline,
        points: { show: false },
        value: rateText,
      },
      {
        label: 'reduce MB/s',
        scale: 'rate',
        stroke: reduce,
        fill: `${reduce}33`,
        width: 1.5,
        paths: spline,
        points: { show: false },
        value: rateText,
      },
      {
        label: 'attempts',
        scale: 'count',
        stroke: warn,
        width: 1.5,
        dash: [4, 3],
        points: { show: false },
        value: rateText,
      },
    ],
    axes: [
      { ...axis, values: (_plot, values) => values.map((value) => `${value} s`) },
      { ...axis, scale: 'rate', size: 44, ...titled('MB/s') },
      { ...axis, scale: 'count', side: RIGHT, grid: { show: false }, size: 34, incrs: WHOLE, ...titled('attempts') },
    ],
  };
}

function titled(label: string): uPlot.Axis {
  return { label, labelSize: 18, labelGap: 2, labelFont: '11px system-ui' };
}

function rateText(_plot: uPlot, value: number | null): string {
  return value === null ? '–' : value.toFixed(1);
}

/** The series of the chart. What an attempt has read is spread evenly over its duration. */
function seriesOf(record: RunRecord, atMs: number): uPlot.AlignedData {
  const stepMs = Math.max(atMs, 100) / BUCKETS;
  const times = Array.from({ length: BUCKETS }, (_, index) => ((index + 0.5) * stepMs) / 1000);
  const bytes = { map: new Float64Array(BUCKETS), reduce: new Float64Array(BUCKETS) };
  const running = new Float64Array(BUCKETS);
  for (const row of record.attempts) {
    if (row.startMs > atMs) continue;
    // What a running attempt has read is known only up to the last report of its worker.
    const knownMs = Math.min(row.endMs ?? record.nowMs, atMs);
    const untilMs = Math.min(row.endMs ?? atMs, atMs);
    const allMs = Math.max(1, (row.endMs ?? record.nowMs) - row.startMs);
    const outcome = outcomeAt(row, atMs);
    const rate = outcome === 'lost' || outcome === 'failed' ? 0 : row.bytes / allMs;
    const into = bytes[kindOf(row.task)];
    const last = Math.min(BUCKETS - 1, Math.floor(untilMs / stepMs));
    for (let bucket = Math.floor(row.startMs / stepMs); bucket <= last; bucket++) {
      const fromMs = Math.max(row.startMs, bucket * stepMs);
      into[bucket]! += rate * Math.max(0, Math.min(knownMs, (bucket + 1) * stepMs) - fromMs);
      running[bucket]! += Math.max(0, Math.min(untilMs, (bucket + 1) * stepMs) - fromMs) / stepMs;
    }
  }
  const perSecond = (of: Float64Array): number[] => Array.from(of, (value) => value / stepMs / 1000);
  return [
    times,
    perSecond(bytes.map),
    perSecond(bytes.reduce),
    Array.from(running, (value) => Math.round(value * 10) / 10),
  ];
}
