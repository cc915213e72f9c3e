import type { PlantedBug } from './planted-bug.ts';

export const lastLineIgnored: PlantedBug = {
  says: 'a driver that goes on takes the last event in the journal for torn, whether it is or not',
  believed: (lines) => {
    const last = lines.findLastIndex((line) => 'type' in line);
    return lines.slice(0, Math.max(1, last));
  },
};
