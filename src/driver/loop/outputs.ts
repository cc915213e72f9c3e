// The outputs of a run, from the commit of each until all of them are put in place.

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

/** An output that is not what was committed, with what was found. */
type Lost = readonly [task: TaskId, message: string];

export class Outputs {
  readonly #results: Results;
  readonly #syncs: GroupedSyncs;
  readonly #checked = new CheckedFiles();
  #areInPlace: boolean;
  /** The files that were checked last. */
  #files: readonly CommittedFile[] = [];

  /** `publication` says how far an earlier driver has come. */
  constructor(results: Results, publication: RunState['closing']['publication'] = 'none') {
    this.#results = results;
    this.#syncs = new GroupedSyncs(() => syncFolder(results.building));
    this.#areInPlace = publication !== 'none' && areInPlace(results);
  }

  /** Prepares the folder for a run that is resumed: of the files in it, those of committed tasks stay. */
  goOn(tasks: readonly Task[]): void {
    if (this.#areInPlace) return;
    const committed = tasks.filter(({ state }) => state === 'committed');
    continueResults(this.#results, new Set(committed.map(({ index }) => this.path(index))));
  }

  /** The path of the output of a reduce task, which may not exist yet. */
  path(task: number): string {
    const { folder, building, reduceCount } = this.#results;
    return join(this.#areInPlace ? folder : building, outputName(task, reduceCount));
  }

  /**
   * Makes the file of an attempt, given by its name, the output of a task. Then reads it: the attempt only knows what it has
   * written, not what is on the disk.
   * @throws Error that says what was found instead
   */
  async commit(attempt: string, task: number, file: CommittedFile): Promise<void> {
    const path = this.path(task);
    commitFile(join(this.#results.attempts, attempt), path, file.bytes);
    const [problem] = await Promise.all([this.#checked.check(path, file), this.#syncs.sync()]);
    if (problem !== undefined) throw new Error(problem);
  }

  /** Checks outputs. Returns the tasks whose outputs are not what was committed, with what was found. */
  async lost(files: readonly CommittedFile[]): Promise<readonly Lost[]> {
    this.#files = files;
    const lost: Lost[] = [];
    for (const file of files) {
      const problem = await this.#checked.check(this.path(indexOf(file.task)), file);
      if (problem !== undefined) lost.push([file.task, problem]);
    }
    if (lost.length === 0 || !this.#areInPlace) return lost;
    // Published results are not changed in place: all outputs are made again, in the folder beside them.
    beginResults(this.#results);
    this.#areInPlace = false;
    const message = `the results in ${this.#results.folder} are not what was put there`;
    return files.map(({ task }) => lost.find(([id]) => id === task) ?? [task, message]);
  }

  /**
   * Puts the outputs in place, with the list of skipped records. Waits for `isWritten` first: the journal must say that it
   * will happen. Returns the outputs that were touched meanwhile; if there are any, none is put in place.
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

/** Writes the skipped records, one line per record, in the order of their tasks. */
function writeSkipped(path: string, skipped: readonly SkippedBadRecord[]): void {
  if (skipped.length === 0) return removeFile(path);
  const lines = skipped.map(({ file, offset, cause, task }) => `${JSON.stringify({ file, offset, cause, task })}\n`);
  replaceFile(path, lines, { synced: true });
}
