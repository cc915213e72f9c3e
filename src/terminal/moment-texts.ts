// Short texts about a run that live bars and status blocks share.

import type { Moment } from '../view/moment.ts';
import { bytesText, durationText, plural } from '../view/numbers.ts';
import { ratesOf, remainingMs } from '../view/remaining-time.ts';

/** `55 %`, `20.0 s left`, `12.3 MB/s`: how far the current phase is, as far as is known. The most important text is first. */
export function paceTexts(moment: Moment, kind: 'map' | 'reduce'): string[] {
  const leftMs = remainingMs(moment);
  const bytes = Math.round(ratesOf(moment).bytes);
  return [
    `${Math.floor(100 * moment.phases[kind].share)} %`,
    ...(leftMs === undefined ? [] : [`${durationText(leftMs)} left`]),
    ...(bytes === 0 ? [] : [`${bytesText(bytes)}/s`]),
  ];
}

/** `2 retries, 1 worker lost`, or an empty text if nothing went wrong. */
export function incidentsText({ retries, lostWorkers, backups }: Moment): string {
  return [
    retries > 0 ? `${retries} ${retries === 1 ? 'retry' : 'retries'}` : '',
    lostWorkers > 0 ? `${plural(lostWorkers, 'worker')} lost` : '',
    backups.started > 0 ? plural(backups.started, 'backup attempt') : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}
