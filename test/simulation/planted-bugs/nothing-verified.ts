import { changeEach, type PlantedBug } from './planted-bug.ts';

export const nothingVerified: PlantedBug = {
  says: 'a driver that continues a run verifies no file',
  handle: (tell, event) => changeEach(tell(event), 'verify', (verify) => ({ ...verify, files: [] })),
};
