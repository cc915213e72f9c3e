// Makes names for workers that people can tell apart, remember and say.

const QUALITIES = (
  'able amber bold brave brisk calm clever cosy deft eager early fair fleet fond glad golden hardy honest jolly keen ' +
  'kind lively lucky merry mild neat nimble noble patient plucky proud quick quiet ready rosy silver sly steady sunny swift ' +
  'tidy vivid warm wise witty young'
).split(' ');
const ANIMALS = (
  'badger bat bear beaver bison crane crow deer dove duck eagle egret falcon ferret finch fox frog gecko goose hare hawk ' +
  'heron ibex jackdaw jay kestrel lark lynx marten mole moose newt otter owl panda puffin raven robin seal shrew sparrow ' +
  'stork swan tern toad vole wolf wren'
).split(' ');

/** Makes a name such as `brave-otter-42`. The number comes from the process id, so that workers that start together differ. */
export function readableName(): string {
  return `${anyOf(QUALITIES)}-${anyOf(ANIMALS)}-${process.pid % 1000}`;
}

function anyOf(words: readonly string[]): string {
  return words[Math.floor(Math.random() * words.length)]!;
}
