import { changeEach, type PlantedBug } from './planted-bug.ts';

export const nothingVerified: PlantedBug = {
  says: 'a driver that goes on looks at no file',
  handle: (tell, event) => changeEach(tell(event), 'verify', (verify) => ({ ...verify, files: [] })),
};
