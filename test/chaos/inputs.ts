// The inputs of a round, to which a fault may append during a run.

import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text of each input, by its path on the command line. */
export type Texts = Readonly<Record<string, string>>;

export class Inputs {
  /** The texts at first, and after each addition. */
  readonly versions: Texts[];
  readonly #dir: string;

  constructor(dir: string, texts: Texts) {
    this.#dir = dir;
    this.versions = [texts];
    mkdirSync(join(dir, 'texts'));
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(dir, name), text);
  }

  get names(): string[] {
    return Object.keys(this.versions[0]!);
  }

  append(name: string, line: string): void {
    const texts = this.versions.at(-1)!;
    // This comes before the write, so that a run that reads the file at once finds its version in the list.
    this.versions.push({ ...texts, [name]: `${texts[name]}${line}\n` });
    appendFileSync(join(this.#dir, name), `${line}\n`);
  }
}
