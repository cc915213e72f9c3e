// The files of a simulated run: chunks, what attempts wrote, and what was committed. A file is known by who wrote it.

import type { AttemptReport } from '../../../src/protocol.ts';
import type { AttemptId, TaskId } from '../../../src/task-ids.ts';

export interface Content {
  readonly attempt: AttemptId;
  readonly report: AttemptReport;
  /** What a reduce attempt has read of each map task. */
  readonly reads: readonly Content[];
}

export type Condition = 'whole' | 'damaged' | 'missing';

/** What an attempt has left; `isCut`: of another size than it says. */
interface Attempted {
  readonly content: Content;
  readonly condition: 'whole' | 'damaged';
  readonly isCut: boolean;
}

export class Files {
  readonly chunks: Condition[] = [];
  readonly attempts = new Map<AttemptId, Attempted>();
  /** The results that readers see. */
  published: ReadonlyMap<TaskId, Content> = new Map();
  readonly #tasks = new Map<TaskId, { content: Content; condition: Condition }>();

  /** What was committed as the file of a task, whatever has become of it. */
  committed(task: TaskId): Content | undefined {
    return this.#tasks.get(task)?.content;
  }

  condition(task: TaskId): Condition {
    return this.#tasks.get(task)?.condition ?? 'missing';
  }

  /** Reading a file shows whether it is whole. */
  read(task: TaskId): Content | undefined {
    const file = this.#tasks.get(task);
    return file?.condition === 'whole' ? file.content : undefined;
  }

  /** Undefined where the attempt has left no file, or one of another size than it says. */
  commit(attempt: AttemptId, task: TaskId): Content | undefined {
    const found = this.attempts.get(attempt);
    if (found === undefined || found.isCut) return undefined;
    const { content, condition } = found;
    this.attempts.delete(attempt);
    this.#tasks.set(task, { content, condition });
    return content;
  }

  /** Puts the outputs in place, as they are. */
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

  /** The tasks that have a file. */
  tasks(): TaskId[] {
    return [...this.#tasks.keys()];
  }
}
