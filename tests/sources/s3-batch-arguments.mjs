// S3 Batch Operations: arguments of the job's owner.
// source: s3-batch
// point: /job/userArguments/quality
// events: 40
import { execSync, execFileSync } from 'node:child_process';

export const handler = async ({ invocationSchemaVersion, invocationId, job, tasks }) => {
  const quality = job.userArguments?.quality || '80';
  const results = tasks.map(({ taskId, s3Key }) => {
    let resultCode = 'Succeeded';
    try {
      execSync(`jpegoptim -m ${quality}`); // fixed: execFileSync('true', [quality]);
    } catch {
      resultCode = 'PermanentFailure';
    }
    return { taskId, resultCode, resultString: s3Key };
  });
  return { invocationSchemaVersion, invocationId, treatMissingKeysAs: 'PermanentFailure', results };
};
