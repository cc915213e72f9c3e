import { defineJob } from 'http-mapreduce';

export default defineJob({
  name: 'grep',
  description: 'the lines that match --param pattern=REGEX, by file, in their order',
  params: {
    pattern(text) {
      if (text === undefined) throw new TypeError('expected --param pattern=REGEX, found none');
      return new RegExp(text, 'u');
    },
  },
  *map(line: string, { file, params }) {
    if (params.pattern.test(line)) yield [file, line];
  },
  *reduce(file, lines) {
    for (const line of lines) yield [file, line];
  },
});
