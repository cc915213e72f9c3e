// What `npm ci` does at its end: makes the bundle, where it can. JavaScript, because the Node that is there may be an old one,
// as where npm could not bring Node 26 along; the command says what to do then.

if (Number.parseInt(process.versions.node, 10) >= 24) {
  const { bundleClone } = await import('./bundle.ts');
  await bundleClone();
}
