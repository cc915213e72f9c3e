import type { PlantedBug } from './planted-bug.ts';

export const lastLineIgnored: PlantedBug = {
  says: 'a driver that continues a run always treats the last event in the journal as torn',
  believed: (lines) => {
    const last = lines.findLastIndex((line) => 'type' in line);
    return lines.slice(0, Math.max(1, last));
  },
};
