// The files of a simulated run: chunks, files of attempts, and committed files. A file is identified by its writer.

import type { AttemptReport } from '../../../src/protocol.ts';
import type { AttemptId, TaskId } from '../../../src/task-ids.ts';

export interface Content {
  readonly attempt: AttemptId;
  readonly report: AttemptReport;
  /** The outputs of map tasks that a reduce attempt has read. */
  readonly reads: readonly Content[];
}

export type Condition = 'whole' | 'damaged' | 'missing';

/** The file of an attempt. `isCut`: its size is not the reported one. */
interface Attempted {
  readonly content: Content;
  readonly condition: 'whole' | 'damaged';
  readonly isCut: boolean;
}

export class Files {
  readonly chunks: Condition[] = [];
  readonly attempts = new Map<AttemptId, Attempted>();
  /** The published results. */
  published: ReadonlyMap<TaskId, Content> = new Map();
  readonly #tasks = new Map<TaskId, { content: Content; condition: Condition }>();

  /** The file that was committed for a task, whatever has happened to it since. */
  committed(task: TaskId): Content | undefined {
    return this.#tasks.get(task)?.content;
  }

  condition(task: TaskId): Condition {
    return this.#tasks.get(task)?.condition ?? 'missing';
  }

  /** Reads a file, which shows whether it is whole. */
  read(task: TaskId): Content | undefined {
    const file = this.#tasks.get(task);
    return file?.condition === 'whole' ? file.content : undefined;
  }

  /** Returns undefined if the attempt has left no file, or one whose size is not the reported one. */
  commit(attempt: AttemptId, task: TaskId): Content | undefined {
    const found = this.attempts.get(attempt);
    if (found === undefined || found.isCut) return undefined;
    const { content, condition } = found;
    this.attempts.delete(attempt);
    this.#tasks.set(task, { content, condition });
    return content;
  }

  /** Publishes the outputs in their current state. */
  publish(): void {
    const outputs = this.tasks().filter((task) => task.startsWith('reduce') && this.condition(task) !== 'missing');
    this.published = new Map(outputs.map((task) => [task, this.#published(task)]));
  }

  #published(task: TaskId): Content {
    const { content, condition } = this.#tasks.get(task)!;
    return condition === 'whole' ? content : { ...content, report: { ...content.report, checksum: -1 } };
  }

  remove(task: TaskId): void {
    this.#tasks.delete(task);
  }

  harm(task: TaskId, condition: Condition): void {
    const file = this.#tasks.get(task);
    if (file !== undefined) file.condition = condition;
  }

  /** Returns the tasks that have a file. */
  tasks(): TaskId[] {
    return [...this.#tasks.keys()];
  }
}
