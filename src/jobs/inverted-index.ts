import { defineJob, lines, type MapContext } from 'http-mapreduce';

interface Place {
  readonly file: string;
  readonly position: number;
  readonly byteOffset: number;
}

let position = 0;

export default defineJob({
  name: 'inverted-index',
  description: 'the positions of each word: a JSON array of files, with word numbers and byte offsets',
  // Word numbers count from the start of a file, so one map task must see all of it.
  input: lines({ split: false }),
  map(line: string, { emit, file, index: lineNumber, offsetAt }: MapContext<Place>) {
    if (lineNumber === 0) position = 0;
    for (const { 0: word, index } of line.matchAll(/[\p{L}\p{Nd}][\p{L}\p{Nd}\p{M}]*/gu)) {
      emit(word.toLowerCase(), { file, position: position++, byteOffset: offsetAt(index) });
    }
  },
  reduce(word, places) {
    const byFile = new Map<string, { file: string; positions: number[]; byteOffsets: number[] }>();
    for (const { file, position: at, byteOffset } of places) {
      const entry = byFile.get(file) ?? { file, positions: [], byteOffsets: [] };
      entry.positions.push(at);
      entry.byteOffsets.push(byteOffset);
      byFile.set(file, entry);
    }
    return [[word, [...byFile.values()].sort((a, b) => (a.file < b.file ? -1 : 1))]];
  },
});
