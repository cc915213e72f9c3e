// Everything that outlives a driver: the files, the journal, the time, and the workers that joined without being started.

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

/** Is notified of reads and writes of files, if it is set. */
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
  /** The bug that is put into the driver, to see that a checker finds it. */
  readonly bug: PlantedBug | undefined;
  /** The living workers that no driver has started. */
  readonly visitors: Set<WorkerProcess>;
  /** Writes a line of the trace. */
  readonly note: (line: string) => void;
}

/** Returns the short time of a minor action. */
export function latencyMs({ dice }: World): number {
  return dice.integer(1, 30);
}
