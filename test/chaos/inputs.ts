// The inputs of a round: somebody may add to them while a run goes on.

import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text of each input, by its path as the command is given it. */
export type Texts = Readonly<Record<string, string>>;

export class Inputs {
  /** As they were at first, and after each addition. */
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
    // Before it is written: a run that reads it at once has a version to be right for.
    this.versions.push({ ...texts, [name]: `${texts[name]}${line}\n` });
    appendFileSync(join(this.#dir, name), `${line}\n`);
  }
}
