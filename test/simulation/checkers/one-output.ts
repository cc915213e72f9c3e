// Checks that all reduce tasks of a finished run have read the same output of each map task: the committed one, or one with the same
// bytes. Output made from two attempts would belong to no run at all.

import { atEnd, type Checker, hold, type Scene } from './checker.ts';

export function oneOutput(): Checker {
  return { name: 'one output', saw: atEnd((outcome, scene) => (outcome.state === 'done' ? check(scene) : undefined)) };
}

function check({ files, plan }: Scene): void {
  const { mapCount, reduceCount } = plan.options;
  for (let reduce = 0; reduce < reduceCount; reduce++) {
    const { attempt: reader, reads } = files.committed(`reduce-${reduce}`) ?? { attempt: 'nobody', reads: [] };
    hold(reads.length === mapCount, () => `${reader} has read ${reads.length} of ${mapCount} map outputs`);
    for (const [map, { attempt, report }] of reads.entries()) {
      const committed = files.committed(`map-${map}`);
      const isSame = committed?.report.checksum === report.checksum;
      hold(isSame, () => `${reader} has read ${attempt}, and ${committed?.attempt} is committed`);
    }
  }
}
