// Writes what a run leaves on stdout for people: a summary, the paths of its output, and the top of the output.

import { relative } from 'node:path';

import type { PreparedJob } from '../engine/local-run.ts';
import { type Top, topOf } from '../inspect/top.ts';
import { printableLine, shortened } from '../view/printable.ts';
import type { RunSummary } from '../view/summary.ts';
import { countText, plural, secondsText } from '../view/numbers.ts';
import { sizeOf } from './narration.ts';

const TOP_LINES = 10;
/** Longer keys and lines are cut. */
const MOST_LENGTH = 100;
/** Larger outputs are not read: the top of the output is not worth the time. */
const LOOK_BYTES = 256 * 1024 * 1024;

export function summaryLines(summary: RunSummary, prepared: PreparedJob, outputs: readonly string[]): string[] {
  return [
    `done${skippedText(summary)} in ${secondsText(summary.durationMs)}: ${prepared.job.name} over ${sizeOf(prepared)}`,
    ...summary.lines().map(printableLine),
    outputsText(outputs),
    ...(summary.reduce.bytesOut > LOOK_BYTES ? [] : topLines(topOf(outputs, TOP_LINES))),
  ];
}

/** `output: files/out/out-0 … files/out/out-3` */
export function outputsText(outputs: readonly string[]): string {
  const [first, last] = [outputs[0], outputs.at(-1)].map((path) => relative(process.cwd(), path!));
  return `output: ${first === last ? first : `${first} … ${last}`}`;
}

function skippedText({ skippedCount }: RunSummary): string {
  return skippedCount === 0 ? '' : `, ${plural(skippedCount, 'record')} skipped,`;
}

function topLines({ by, lines, lineCount }: Top): string[] {
  if (lines.length === 0) return [];
  const shown = lines.map(({ key, value }) => ({ key: printableLine(key), value: printableLine(value) }));
  const width = Math.max(...shown.map(({ value }) => value.length));
  return by === 'value'
    ? [
        `the top ${lines.length} of ${countText(lineCount)} keys, by value:`,
        ...shown.map(({ key, value }) => `  ${value.padStart(width)}  ${shortened(key, MOST_LENGTH)}`),
      ]
    : [
        `the first ${lines.length} of ${countText(lineCount)} lines:`,
        ...shown.map(({ key, value }) => `  ${shortened(`${key}  ${value}`, MOST_LENGTH)}`),
      ];
}
