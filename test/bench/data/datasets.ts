// Makes the inputs of the benchmarks on demand, from a seed, and keeps them for the next time.

import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { bytesText, secondsText } from '../../../src/view/numbers.ts';
import { accessLogWriter } from './access-log.ts';
import { distinctKeyWriter, numberWriter } from './few-bytes.ts';
import { pathWriter } from './paths.ts';
import { Random } from './random.ts';
import { recordWriter } from './records.ts';
import { textWriter } from './text.ts';
import { type WriteLine, writeLines } from './write-lines.ts';

/** To be raised whenever the generators change, so that old files are not used any more. */
const VERSION = 1;

const writers = {
  text: textWriter,
  records: recordWriter,
  paths: pathWriter,
  'access-log': accessLogWriter,
  'distinct-keys': distinctKeyWriter,
  numbers: numberWriter,
} satisfies Record<string, (random: Random) => WriteLine>;

export type DatasetKind = keyof typeof writers;

export interface Dataset {
  readonly path: string;
  readonly sizeBytes: number;
}

export interface DatasetOptions {
  readonly dir: string;
  readonly seed: number;
  /** The factor of every size. */
  readonly scale: number;
  readonly say: (line: string) => void;
}

export class Datasets {
  readonly #options: DatasetOptions;

  constructor(options: DatasetOptions) {
    this.#options = options;
  }

  /** The file of this many bytes, or shorter by less than a line. */
  file(kind: DatasetKind, fullBytes: number): Dataset {
    const { dir, seed, scale, say } = this.#options;
    const askedBytes = Math.round(fullBytes * scale);
    const path = join(dir, `${kind}-${askedBytes}-seed-${seed}-v${VERSION}.txt`);
    if (!existsSync(path)) {
      mkdirSync(dir, { recursive: true });
      const startMs = performance.now();
      writeLines(path, askedBytes, writers[kind](new Random(seed)));
      say(`made ${bytesText(askedBytes)} of ${kind}, seed ${seed}, in ${secondsText(performance.now() - startMs)}`);
    }
    return { path, sizeBytes: statSync(path).size };
  }
}
