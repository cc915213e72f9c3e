// Tries one refusal: a run that meets it, the rules for such a run, and the same command again without the refusal.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Finished } from '../fixtures/running-command.ts';
import type { Scratch } from '../fixtures/scratch.ts';
import { countWords } from '../fixtures/texts.ts';
import { type Refusal, specOf } from './refusals.ts';

const TEXTS = ['one two two\nthree three three\n'.repeat(40), 'two\nfour\n'.repeat(30)];
const EXPECTED = countWords(TEXTS);
const FLAGS = '-N 2 -M 2 -W 1 --max-attempts 2 --max-respawns 1 --task-silence 2 --no-backup'.split(' ');
/** No run takes this long, whichever call is refused. */
const HANGS_MS = 90_000;

/** Returns the problem with a run that meets the refusal; `not met`: the run makes fewer such calls. */
export async function tryRefusal(scratch: Scratch, library: string, refusal: Refusal): Promise<string | undefined> {
  const trial = new Trial(scratch, library, refusal);
  const refused = await trial.run(true);
  if (!trial.wasMet) return refused.exitCode === 0 ? 'not met' : `fails without having met it: ${refused.stderr}`;
  const problem = trial.problemOf(refused);
  if (problem !== undefined) return `${problem}\n${refused.stderr}`;
  const again = await trial.run(false);
  const left = again.exitCode === 0 ? trial.wrongOutput() : `exit code ${again.exitCode}`;
  return left === undefined ? undefined : `the same command again: ${left}\n${again.stderr}\nafter\n${refused.stderr}`;
}

let trials = 0;

class Trial {
  readonly #scratch: Scratch;
  readonly #refusal: Refusal;
  readonly #folder = `trial-${++trials}`;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(scratch: Scratch, library: string, refusal: Refusal) {
    this.#scratch = scratch;
    this.#refusal = refusal;
    for (const [index, text] of TEXTS.entries()) scratch.write(join(this.#folder, 'texts', `${index}.txt`), text);
    this.#environment = { LD_PRELOAD: library, REFUSE: specOf(refusal), REFUSE_MARK: this.#path('mark') };
  }

  get wasMet(): boolean {
    return existsSync(this.#path('mark'));
  }

  async run(isRefused: boolean): Promise<Finished> {
    // Workers or the driver read the inputs, depending on the kind of chunks.
    const chunks = this.#refusal.role === 'worker' ? 'reference' : 'copy';
    const args = [...FLAGS, '--chunks', chunks, 'texts/*.txt'];
    const env = isRefused ? this.#environment : {};
    const command = this.#scratch.drive(args, { cwd: this.#path(''), env });
    const timer = setTimeout(() => command.signal('SIGKILL'), HANGS_MS);
    try {
      return await command.finished;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Returns the rule that a refused run violates, if there is one. */
  problemOf({ exitCode, signal, stderr }: Finished): string | undefined {
    if (signal !== null) return `it does not end, or ends with ${signal}`;
    if (/^\s+at .*[(/]/m.test(stderr)) return `exit code ${exitCode} and a stack`;
    if (exitCode === 0) return this.wrongOutput();
    const isLost = exitCode === 4 && /^worker \d+ lost/m.test(stderr);
    if (![2, 5, 6].includes(exitCode ?? -1) && !isLost) return `exit code ${exitCode}`;
    const said = stderr.split('\n').filter((line) => line.startsWith('mapreduce: '));
    return said.length === 1 ? undefined : `exit code ${exitCode} with ${said.length} lines that name a cause`;
  }

  wrongOutput(): string | undefined {
    try {
      const found = this.#scratch.output(this.#path('files'));
      return found === EXPECTED ? undefined : `another output: ${JSON.stringify(found)}`;
    } catch (error) {
      return `no output: ${String(error)}`;
    }
  }

  #path(name: string): string {
    return join(this.#scratch.dir, this.#folder, name);
  }
}
