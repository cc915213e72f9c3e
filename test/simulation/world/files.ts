// The files of a simulated run: chunks, what attempts wrote, and what was committed. A file is known by who wrote it.

import type { AttemptId, AttemptReport, TaskId } from '../../../src/protocol.ts';

export interface Content {
  readonly attempt: AttemptId;
  readonly report: AttemptReport;
  /** What a reduce attempt has read of each map task. */
  readonly reads: readonly Content[];
}

export type Condition = 'whole' | 'damaged' | 'missing';

export class Files {
  readonly chunks: Condition[] = [];
  readonly attempts = new Map<AttemptId, Content>();
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

  commit(attempt: AttemptId, task: TaskId): Content {
    const content = this.attempts.get(attempt);
    if (content === undefined) throw new Error(`${attempt} is to be committed, and has left no file`);
    this.attempts.delete(attempt);
    this.#tasks.set(task, { content, condition: 'whole' });
    return content;
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
