// Draws the faults that need no cause, once a second.

import type { Life } from './life.ts';
import { WorkerProcess } from './worker-process.ts';
import type { World } from './world.ts';

const MOST_VISITORS = 50;

export function makeTrouble(world: World, life: Life): void {
  const { dice, faults, files } = world;
  const listening = [...life.staff.processes.keys()];
  if (listening.length > 0 && faults.strikes('crash while idle')) life.staff.crash(dice.pick(listening));
  if (listening.length > 0 && faults.strikes('leave')) life.staff.leave(dice.pick(listening));
  if (files.chunks.length > 0 && faults.strikes('damaged chunk')) {
    files.chunks[dice.integer(0, files.chunks.length - 1)] = dice.chance(0.5) ? 'damaged' : 'missing';
  }
  const outputs = files.tasks().filter((task) => task.startsWith('map'));
  if (outputs.length > 0 && faults.strikes('damaged map output')) {
    files.harm(dice.pick(outputs), dice.chance(0.5) ? 'damaged' : 'missing');
  }
  const results = files.tasks().filter((task) => task.startsWith('reduce'));
  if (results.length > 0 && faults.strikes('damaged output')) {
    files.harm(dice.pick(results), dice.chance(0.5) ? 'damaged' : 'missing');
  }
  if (world.visitors.size < MOST_VISITORS && faults.strikes('join')) {
    const visitor = new WorkerProcess(world, `visitor ${world.agenda.now}`, true);
    world.visitors.add(visitor);
    life.staff.join(visitor);
  }
  // A small jump forward cannot be told from a busy driver.
  if (faults.strikes('clock jump')) life.clockOffsetMs += dice.pick([-1, 1]) * dice.integer(1000, 20_000);
  if (!life.isPaused && faults.strikes('driver pause')) life.pause(dice.scaled(2000, 300_000));
  if (faults.strikes('interrupt')) life.tell({ type: 'interrupted', signal: 'SIGINT' });
}
