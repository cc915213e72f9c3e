// Makes the page one file: `node tools/build-page.ts` bundles what is in src/page/ into src/files/page.html, or into
// the file that is named. What is built is kept in the repository, as the kernel is: neither a run nor a report waits for
// a bundler, and the package needs none.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { rolldown } from 'rolldown';

const SOURCE = new URL('../src/page/', import.meta.url);
const [target = fileURLToPath(new URL('../files/page.html', SOURCE))] = process.argv.slice(2);

const script = await bundled();
const chartStyle = readFileSync(createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css'), 'utf8').trim();
const style = `\n${chartStyle}\n${readFileSync(new URL('style.css', SOURCE), 'utf8')}`;
// The page may run this script and this style, and load nothing; live, it may ask who it came from.
const policy = `default-src 'none'; script-src '${digest(script)}'; style-src '${digest(style)}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'`;
const page = readFileSync(new URL('template.html', SOURCE), 'utf8')
  .replace('/*policy*/', () => policy)
  .replace(/<style>[^<]*<\/style>/, () => `<style>${style}</style>`)
  .replace(/<script>[^<]*<\/script>/, () => `<script>${script}</script>`);
writeFileSync(target, page);

async function bundled(): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL('page-main.ts', SOURCE)),
    platform: 'browser',
    // Of the wire's schemas nothing is used here: none is made, and what they need is not asked for.
    treeshake: { manualPureFunctions: ['v'] },
    external: ['node:crypto'],
  });
  const { output } = await build.generate({ format: 'iife', minify: true });
  await build.close();
  // Nothing in the script may look like its end.
  return output[0].code.replaceAll('</script', String.raw`<\/script`).replaceAll('<!--', String.raw`<\!--`);
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
