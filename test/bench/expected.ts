// Computes the expected output once, before anything is timed, by a contestant that is not the engine.

import type { Bench, Contestant } from './case.ts';
import { type Digest, digestOf } from './measure/digest.ts';

/** The digest of a contestant's output, computed when it is first asked for. */
export function expectedFrom(bench: Bench, { run }: Contestant): () => Promise<Digest> {
  let digest: Promise<Digest> | undefined;
  return () =>
    (digest ??= bench.inFolder(async (folder) => {
      const { output } = await run(folder);
      return digestOf(output!);
    }));
}

/** The contestants, all of which have to have the expected output. */
export function expecting(expected: () => Promise<Digest>, contestants: readonly Contestant[]): Contestant[] {
  return contestants.map((contestant) => Object.assign(contestant, { expected }));
}
