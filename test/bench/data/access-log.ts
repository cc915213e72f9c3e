// Generates lines of a web server's access log in the common log format, with hosts and paths by Zipf's law.

import type { Random } from './random.ts';
import { makeVocabulary } from './vocabulary.ts';
import { WeightedChoice, zipfWeights } from './weighted-choice.ts';
import type { WriteLine } from './write-lines.ts';

const HOSTS = 40_000;
const PATHS = 25_000;
const START_MS = Date.UTC(2026, 0, 1);
const STATUSES = ['200', '304', '404', '301', '500', '206'] as const;
const STATUS_WEIGHTS = [83, 7, 5, 3, 1, 1];
const LARGEST_BYTES = 60_000;
const REQUESTS_A_SECOND = 40;

/** A writer of log lines, in the order of their times. */
export function accessLogWriter(random: Random): WriteLine {
  const words = makeVocabulary(random, 3000).filter((word) => /^[a-z]{3,}$/.test(word));
  const hosts = Array.from(
    { length: HOSTS },
    () => `10.${random.below(256)}.${random.below(256)}.${random.below(256)}`,
  );
  const paths = Array.from({ length: PATHS }, (_, number) => makePath(random, words, number));
  const hostChoice = new WeightedChoice(zipfWeights(HOSTS));
  const pathChoice = new WeightedChoice(zipfWeights(PATHS));
  const statusChoice = new WeightedChoice(STATUS_WEIGHTS);
  let second = 0;
  let time = timeText(second);
  return (block, at) => {
    if (random.below(REQUESTS_A_SECOND) === 0) time = timeText(++second);
    const status = STATUSES[statusChoice.draw(random)]!;
    // A file that was not modified is not sent. The format has a hyphen for no bytes.
    const sent = status === '304' ? '-' : String(random.below(LARGEST_BYTES));
    const request = `"GET ${paths[pathChoice.draw(random)]!} HTTP/1.1"`;
    const line = `${hosts[hostChoice.draw(random)]!} - - [${time}] ${request} ${status} ${sent}\n`;
    return at + block.write(line, at, 'latin1');
  };
}

function makePath(random: Random, words: readonly string[], number: number): string {
  const folders = Array.from({ length: 1 + random.below(3) }, () => random.among(words));
  return `/${folders.join('/')}/${random.among(words)}-${number}.html`;
}

/** `01/Jan/2026:00:00:07 +0000` */
function timeText(second: number): string {
  const [, , day, month, year, time] =
    /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(START_MS + second * 1000).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
