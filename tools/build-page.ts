// Builds the page as one file: `node tools/build-page.ts` bundles src/page/ into src/files/page.html, or into the file that is
// named. The result is kept in the repository, like the kernel: neither a run nor a report waits for a bundler, and the package
// needs none.

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
// The page may use this script and this style, and load nothing else; live, it may connect to the server that it came from.
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
    // The page does not use the schemas of the wire: they are not created, and their library is not bundled.
    treeshake: { manualPureFunctions: ['v'] },
    external: ['node:crypto'],
  });
  const { output } = await build.generate({ format: 'iife', minify: true });
  await build.close();
  // Nothing in the script may look like its end tag.
  return output[0].code.replaceAll('</script', String.raw`<\/script`).replaceAll('<!--', String.raw`<\!--`);
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
