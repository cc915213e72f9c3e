// Adds the result of a built-in reducer to an output. None of the user's code runs meanwhile.

import { jobFailure } from './failure.ts';
import type { OutputFile } from './output-file.ts';
import { keyPlace } from './current-place.ts';

/** @throws TaskFailure that names the key, if the value cannot be written: the job emitted it. */
export function addResult(output: OutputFile, key: string, value: unknown): void {
  try {
    output.add(key, value);
  } catch (error) {
    throw output.error ?? jobFailure(error, keyPlace(key));
  }
}
