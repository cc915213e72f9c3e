// All that outlives a driver: the files, the journal, the time, and the workers that came by themselves.

import type { AttemptId, TaskId } from '../../../src/task-ids.ts';
import type { Agenda } from '../agenda.ts';
import type { Dice } from '../dice.ts';
import type { Faults } from '../faults.ts';
import type { Plan } from '../plan.ts';
import type { PlantedBug } from '../planted-bugs/planted-bug.ts';
import type { Content, Files } from './files.ts';
import type { Job } from './job.ts';
import type { JournalFile } from './journal-file.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Is told what happens to files, where somebody looks. */
interface Watch {
  /** An attempt of a reduce task reads the output of a map task. */
  read(reader: AttemptId, content: Content): void;
  renamed(content: Content, task: TaskId): void;
}

export interface World {
  readonly plan: Plan;
  readonly dice: Dice;
  readonly agenda: Agenda;
  readonly faults: Faults;
  readonly files: Files;
  readonly job: Job;
  readonly journal: JournalFile;
  readonly watch: Watch;
  /** What is put into the driver, to see that it is found. */
  readonly bug: PlantedBug | undefined;
  /** The workers that no driver has started, and that live. */
  readonly visitors: Set<WorkerProcess>;
  /** Writes a line of the trace. */
  readonly note: (line: string) => void;
}

/** How long something takes that is not worth speaking of. */
export function latencyMs({ dice }: World): number {
  return dice.integer(1, 30);
}
