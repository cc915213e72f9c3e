// Formats the top of an output as a table or as a bar chart.

import stringWidth from 'string-width';

import { printableLine } from '../view/printable.ts';

export interface TableOptions {
  /** The width of the terminal. */
  readonly columns: number;
  /** Whether to draw bars. The values must be numbers. */
  readonly plot: boolean;
  /** Paints a bar; colours repeat what the bar's length says. */
  readonly paint: (bar: string) => string;
}

type Row = readonly [key: string, value: string];

const GAP = '  ';
/** A longer value, such as a list, is cut, so that the keys can be read. */
const MOST_VALUE_SHARE = 0.6;
const MOST_KEY_SHARE = 0.5;
const LEAST_BAR = 10;
const WIDEST_BAR = 60;
/** No terminal is wider than this, but a key may be a megabyte long. */
const MOST_LENGTH = 2000;
/** Eighths of a column, so that close values differ. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** The lines of a table with a heading, or of a chart. None is wider than the terminal. */
export function topTable(
  lines: readonly { readonly key: string; readonly value: string }[],
  options: TableOptions,
): string[] {
  const rows = lines.map(({ key, value }): Row => [safe(key), safe(value)]);
  return options.plot ? chart(rows, options) : table([['key', 'value'], ...rows], options.columns);
}

function table(rows: readonly Row[], columns: number): string[] {
  const valueWidth = widest(
    rows.map(([, value]) => value),
    Math.floor(columns * MOST_VALUE_SHARE),
  );
  const isRight = rows.slice(1).every(([, value]) => !Number.isNaN(Number(value)));
  return rows.map(([key, value]) => {
    const cell = fitted(value, valueWidth, isRight);
    return `${GAP}${cell}${GAP}${narrowed(key, columns - valueWidth - 2 * GAP.length)}`.trimEnd();
  });
}

/** `the  ██████████ 114431`. Bars start at zero, and their lengths are proportional to the values. */
function chart(rows: readonly Row[], { columns, paint }: TableOptions): string[] {
  const values = rows.map(([, value]) => value);
  const valueWidth = widest(values, columns);
  const keyWidth = widest(
    rows.map(([key]) => key),
    Math.max(1, Math.min(Math.floor(columns * MOST_KEY_SHARE), columns - valueWidth - LEAST_BAR - 3 * GAP.length)),
  );
  const room = Math.max(LEAST_BAR, Math.min(WIDEST_BAR, columns - keyWidth - valueWidth - 3 * GAP.length));
  const most = Math.max(...values.map((value) => Math.abs(Number(value))));
  return rows.map(([key, value]) => {
    const share = most === 0 ? 0 : Math.abs(Number(value)) / most;
    return `${GAP}${fitted(key, keyWidth, false)}${GAP}${paint(bar(Number.isNaN(share) ? 1 : share, room))} ${value}`;
  });
}

function bar(share: number, room: number): string {
  const eighths = Math.round(share * room * 8);
  return '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]!;
}

function safe(text: string): string {
  return printableLine(text.slice(0, MOST_LENGTH));
}

function widest(texts: readonly string[], most: number): number {
  return Math.min(most, Math.max(0, ...texts.map((text) => stringWidth(text))));
}

function fitted(text: string, columns: number, isRight: boolean): string {
  const shown = narrowed(text, columns);
  const padding = ' '.repeat(columns - stringWidth(shown));
  return isRight ? padding + shown : shown + padding;
}

/** The text, or its beginning and an ellipsis if it is too wide. Never splits a grapheme. */
function narrowed(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let shown = '';
  let width = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += stringWidth(segment);
    if (width > columns) break;
    shown += segment;
  }
  return `${shown}…`;
}
