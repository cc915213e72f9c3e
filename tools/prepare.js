// Run at the end of `npm ci`: makes the bundle if possible. In JavaScript, because this may run on an old Node, if npm could not
// install Node 26; the command then explains what to do.

if (Number.parseInt(process.versions.node, 10) >= 24) {
  const { bundleClone } = await import('./bundle.ts');
  await bundleClone();
}
