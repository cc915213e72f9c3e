// The least that Node needs to answer a POST. A worker's start and its answers are compared with this.
// It is plain JavaScript, so that no types have to be stripped.

import { createServer } from 'node:http';

const ANSWER =
  '{"type":"progress","records":0,"bytes":0}\n' +
  '{"type":"failed","failure":{"kind":"refused","message":"as long as what a worker answers to who asks for nothing"}}\n';

const server = createServer((request, response) => {
  let text = '';
  request.on('data', (bytes) => (text += bytes));
  request.on('end', () => {
    JSON.parse(text);
    response.setHeader('content-type', 'application/x-ndjson').end(ANSWER);
  });
});
// Ends with the process that started it, like a worker.
process.on('disconnect', () => process.exit());
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
