// Runs SQL in DuckDB: `node duckdb.ts THREADS SQL`. Without arguments it prints DuckDB's version.

import { DuckDBInstance, version } from '@duckdb/node-api';

const [threads, sql] = process.argv.slice(2);
if (threads === undefined || sql === undefined) console.log(version());
else {
  // Data that does not fit into memory goes to the folder in which this runs.
  const options = { threads, temp_directory: 'duckdb-temporary', preserve_insertion_order: 'false' };
  const instance = await DuckDBInstance.create(':memory:', options);
  const connection = await instance.connect();
  await connection.run(sql);
}
