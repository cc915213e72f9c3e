// The outputs of a run, from the commit of each to the moment in which all of them are put in place.

import { join } from 'node:path';

import { indexOf, type TaskId } from '../../task-ids.ts';
import {
  areInPlace,
  beginResults,
  continueResults,
  outputName,
  publishResults,
  type Results,
  SKIPPED,
} from '../../workspace/result-set.ts';
import type { CommittedFile, SkippedBadRecord } from '../../scheduler/events.ts';
import type { RunState, Task } from '../../scheduler/state.ts';
import { removeFile, replaceFile } from '../../machine/regular-file.ts';
import { syncFolder } from '../../machine/folders.ts';
import { commitFile } from './commit-file.ts';
import { CheckedFiles } from '../resume/checked-files.ts';
import { GroupedSyncs } from './grouped-syncs.ts';

/** An output that is not what was committed, and what was found. */
type Lost = readonly [task: TaskId, message: string];

export class Outputs {
  readonly #results: Results;
  readonly #syncs: GroupedSyncs;
  readonly #checked = new CheckedFiles();
  #areInPlace: boolean;
  /** Those that were looked at last. */
  #files: readonly CommittedFile[] = [];

  /** `publication` is how far an earlier driver has come. */
  constructor(results: Results, publication: RunState['closing']['publication'] = 'none') {
    this.#results = results;
    this.#syncs = new GroupedSyncs(() => syncFolder(results.building));
    this.#areInPlace = publication !== 'none' && areInPlace(results);
  }

  /** Makes the folder fit for a run that goes on: of what an earlier driver has left there, what is committed stays. */
  goOn(tasks: readonly Task[]): void {
    if (this.#areInPlace) return;
    const committed = tasks.filter(({ state }) => state === 'committed');
    continueResults(this.#results, new Set(committed.map(({ index }) => this.path(index))));
  }

  /** Where the output of a reduce task is, or is to be. */
  path(task: number): string {
    const { folder, building, reduceCount } = this.#results;
    return join(this.#areInPlace ? folder : building, outputName(task, reduceCount));
  }

  /**
   * Makes the file of an attempt, by its name, the output of a task. What is on the disk then is read: an attempt knows only what it has written.
   * @throws Error that says what was found instead
   */
  async commit(attempt: string, task: number, file: CommittedFile): Promise<void> {
    const path = this.path(task);
    commitFile(join(this.#results.attempts, attempt), path, file.bytes);
    const [problem] = await Promise.all([this.#checked.check(path, file), this.#syncs.sync()]);
    if (problem !== undefined) throw new Error(problem);
  }

  /** The tasks whose outputs are not what was committed, with what was found. */
  async lost(files: readonly CommittedFile[]): Promise<readonly Lost[]> {
    this.#files = files;
    const lost: Lost[] = [];
    for (const file of files) {
      const problem = await this.#checked.check(this.path(indexOf(file.task)), file);
      if (problem !== undefined) lost.push([file.task, problem]);
    }
    if (lost.length === 0 || !this.#areInPlace) return lost;
    // What readers have is not added to: all of it is made again, beside it.
    beginResults(this.#results);
    this.#areInPlace = false;
    const message = `the results in ${this.#results.folder} are not what was put there`;
    return files.map(({ task }) => lost.find(([id]) => id === task) ?? [task, message]);
  }

  /**
   * Puts the outputs in place, with the list of the records that were left out, once `isWritten`: that they are to be. Returns
   * those that were touched meanwhile; then none is put in place.
   */
  async publish(skipped: readonly SkippedBadRecord[], isWritten: () => Promise<void>): Promise<readonly Lost[]> {
    const { folder, building } = this.#results;
    const where = this.#areInPlace ? folder : building;
    writeSkipped(join(where, SKIPPED), skipped);
    await Promise.all([syncFolder(where), isWritten()]);
    const lost = await this.lost(this.#files);
    if (lost.length > 0) return lost;
    await publishResults(this.#results);
    this.#areInPlace = true;
    return [];
  }
}

/** The records that were left out, a line each, in the order of their tasks. */
function writeSkipped(path: string, skipped: readonly SkippedBadRecord[]): void {
  if (skipped.length === 0) return removeFile(path);
  const lines = skipped.map(({ file, offset, cause, task }) => `${JSON.stringify({ file, offset, cause, task })}\n`);
  replaceFile(path, lines, { synced: true });
}
