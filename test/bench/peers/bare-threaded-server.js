// The least that Node needs to answer a POST in a thread, like a worker's thread for the user's code.

import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const ANSWER =
  '{"type":"failed","failure":{"kind":"refused","message":"as long as what a worker answers to who asks"}}\n';

if (isMainThread) {
  const thread = new Worker(fileURLToPath(import.meta.url));
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (bytes) => (text += bytes));
    request.on('end', () => {
      // One request at a time.
      thread.once('message', () => response.setHeader('content-type', 'application/x-ndjson').end(ANSWER));
      thread.postMessage(text);
    });
  });
  process.on('disconnect', () => process.exit());
  server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
} else {
  parentPort.on('message', (text) => {
    JSON.parse(String(text));
    parentPort.postMessage(ANSWER);
  });
}
