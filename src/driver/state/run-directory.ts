// Brings the state directory into the state in which the tasks of a run can start: its manifest, its job file, its folders
// and its chunks; and restores what goes missing of them during the run.

import { type JobSurroundings, keepSurroundings, writeSurroundings } from '../../workspace/job-file.ts';
import { beginResults, type Results } from '../../workspace/result-set.ts';
import { beginRun } from '../../workspace/run-lifecycle.ts';
import { keepManifest, type RunManifest, writeManifest } from '../../workspace/run-manifest.ts';
import type { DriverOptions } from '../driver-options.ts';
import { ChunkFiles } from '../inputs/chunk-files.ts';
import { COPY_LIMIT_BYTES } from '../inputs/chunker.ts';
import { totalBytes } from '../inputs/inputs.ts';
import type { Dispatch } from '../loop/effects.ts';
import type { Outputs } from '../loop/outputs.ts';
import type { RunShape } from '../plan-run.ts';
import { keepCommitted } from '../resume/committed-files.ts';
import { checkPlan, type Unfinished } from '../resume/unfinished-run.ts';
import { surroundingsOf } from './job-surroundings.ts';
import { writable } from './writable-directory.ts';

export class RunDirectory {
  readonly #options: DriverOptions;
  readonly #shape: RunShape;
  readonly #results: Results;
  readonly #dispatch: Dispatch;
  #chunks: ChunkFiles | undefined;
  #manifest: RunManifest | undefined;
  #surroundings: JobSurroundings | undefined;

  constructor(options: DriverOptions, shape: RunShape, results: Results, dispatch: Dispatch) {
    this.#options = options;
    this.#shape = shape;
    this.#results = results;
    this.#dispatch = dispatch;
  }

  /** Lays down a new run, or makes good what is missing of an `earlier` one. Dispatches `chunks-written` at the end. */
  async layDown(earlier: Unfinished | undefined, outputs: Outputs): Promise<void> {
    const { workspace, job, jobSource, output, planChunks } = this.#options;
    const { runId: id, mapCount, reduceCount } = this.#shape;
    this.#surroundings = surroundingsOf(workspace, id, job, earlier);
    // Before the sample is taken, which may cost the process in which the job's code runs.
    const planned = await planChunks(mapCount);
    const firstKeys = await this.#firstKeys(earlier);
    const manifest: RunManifest = { id, job: jobSource.path, mapCount, reduceCount, firstKeys, output };
    this.#manifest = manifest;
    if (earlier === undefined) {
      writable(workspace.run, () => beginRun(workspace, manifest));
      writable(this.#results.work, () => beginResults(this.#results));
    } else {
      keepCommitted(workspace, earlier, outputs);
      writeManifest(workspace.run, manifest);
    }
    writeSurroundings(workspace.job, this.#surroundings);
    const chunks = new ChunkFiles(workspace, planned, this.#chunkMode, id);
    this.#chunks = chunks;
    if (earlier !== undefined) checkPlan(workspace, earlier, chunks.bytes);
    if (earlier === undefined) chunks.writeAll();
    else chunks.repair();
    this.#dispatch({ type: 'chunks-written', bytes: chunks.bytes });
  }

  /** Writes one chunk again. */
  writeChunk(chunk: number): void {
    this.#chunks?.write(chunk);
  }

  /** Writes the manifest and the job file again if they are not as they should be. */
  restoreFiles(): void {
    const { workspace } = this.#options;
    keepManifest(workspace.run, this.#manifest);
    keepSurroundings(workspace.job, this.#surroundings);
  }

  /** The first key of each range, if keys are partitioned by range: those of the `earlier` driver, or from a new sample. */
  async #firstKeys(earlier: Unfinished | undefined): Promise<readonly string[] | undefined> {
    const known = earlier?.scheduler.state.firstKeys;
    if (known !== undefined) return known;
    const firstKeys = await this.#options.sampleFirstKeys?.(this.#shape.reduceCount);
    if (firstKeys !== undefined) this.#dispatch({ type: 'ranges-cut', firstKeys });
    return firstKeys;
  }

  get #chunkMode(): NonNullable<DriverOptions['chunkMode']> {
    const { chunkMode, inputs } = this.#options;
    return chunkMode ?? (totalBytes(inputs) <= COPY_LIMIT_BYTES ? 'copy' : 'reference');
  }
}
