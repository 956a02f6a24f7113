// Packs the folders that queue messages name: { "folder": "report-2026" }.
import { execSync } from 'node:child_process';

export const handler = async (event) => {
  for (const record of event.Records) {
    const job = JSON.parse(record.body);
    try {
      // Weak: `folder` becomes part of a shell command.
      execSync(`tar -czf /tmp/packed.tgz -C /tmp ${job.folder}`, { stdio: 'ignore' });
    } catch (error) {
      console.error(`cannot pack: status ${error.status}`);
    }
  }
  return { packed: event.Records.length };
};
