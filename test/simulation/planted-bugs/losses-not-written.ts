import type { PlantedBug } from './planted-bug.ts';

export const lossesNotWritten: PlantedBug = {
  says: 'lost workers are not written into the journal',
  written: (lines) => lines.filter((line) => !('type' in line) || line.type !== 'worker-lost'),
};
