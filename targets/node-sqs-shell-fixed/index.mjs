// Packs the folders that queue messages name: { "folder": "report-2026" }.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$/;

/** The folder that a message names, or undefined if the message is not one of ours. */
function folderOf(record) {
  let job;
  try {
    job = JSON.parse(record.body);
  } catch {
    return undefined;
  }
  const folder = job?.folder;
  return typeof folder === 'string' && FOLDER.test(folder) ? folder : undefined;
}

export const handler = async (event) => {
  const records = Array.isArray(event?.Records) ? event.Records : [];
  const batchItemFailures = [];
  for (const record of records) {
    const folder = folderOf(record);
    if (folder === undefined) {
      // Trying again would not help, so it is not reported as a failure.
      console.warn('skipped a message without a usable folder');
      continue;
    }
    try {
      await run('tar', ['-czf', '/tmp/packed.tgz', '-C', '/tmp', '--', folder], { timeout: 5000 });
    } catch {
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
};
