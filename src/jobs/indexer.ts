import { defineJob } from 'http-mapreduce';

export default defineJob({
  name: 'indexer',
  description: 'the number of files that contain each word, and their names',
  *map(line: string, { file }) {
    for (const [word] of line.matchAll(/[\p{L}\p{Nd}][\p{L}\p{Nd}\p{M}]*/gu)) yield [word.toLowerCase(), file];
  },
  reduce(_word, values) {
    const files = [...new Set(values)].sort();
    return `${files.length} ${files.join(',')}`;
  },
});
