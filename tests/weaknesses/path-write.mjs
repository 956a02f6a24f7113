// A message says under which name it is kept.
// oracle: path-traversal
// point: /Records/0/body»json»/file
// events: 400
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

const folder = '/tmp/kept';

export const handler = async (event) => {
  await mkdir(folder, { recursive: true });
  const batchItemFailures = [];
  for (const { body, messageId } of event.Records) {
    try {
      const { file } = JSON.parse(body);
      const target = resolve(folder, file);
      const outside = file.includes('\0'); // fixed: const outside = file.includes('\0') || !target.startsWith(folder + sep);
      if (outside) throw new Error('no');
      await writeFile(target, body);
    } catch {
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
};
