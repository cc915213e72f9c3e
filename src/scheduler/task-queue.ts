// The waiting tasks of a phase, lowest number first. Tasks that have never been taken are in a list in their order; tasks that
// wait again are in a binary heap, which is small. So with a hundred thousand tasks an event costs no more than with a thousand.

import type { Task } from './state.ts';

export class TaskQueue {
  readonly #tasks: readonly Task[];
  /** The first of them that has not been taken. */
  #next = 0;
  readonly #heap: Task[] = [];

  /** `tasks` are in the order of their numbers. */
  constructor(tasks: readonly Task[]) {
    this.#tasks = tasks;
  }

  get size(): number {
    return this.#tasks.length - this.#next + this.#heap.length;
  }

  /** The next task, which stays in the queue. */
  get first(): Task | undefined {
    return this.#isHeapFirst ? this.#heap[0] : this.#tasks[this.#next];
  }

  push(task: Task): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(task);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]!.index <= task.index) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = task;
  }

  pop(): Task | undefined {
    const heap = this.#heap;
    const { first } = this;
    if (!this.#isHeapFirst) {
      if (first !== undefined) this.#next++;
      return first;
    }
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(last);
    return first;
  }

  get #isHeapFirst(): boolean {
    const [top] = this.#heap;
    const fresh = this.#tasks[this.#next];
    return top !== undefined && (fresh === undefined || top.index < fresh.index);
  }

  /** Puts a task in place of the first one, and moves it down while a lower number is below it. */
  #sink(task: Task): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]!.index < heap[below]!.index) below++;
      if (heap[below]!.index >= task.index) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = task;
  }
}
