// AppSync Events: what is published on a channel.
// source: appsync
// point: /events/0/payload/message
// events: 60
import { exec, execFile } from 'node:child_process';

export const handler = async (event) => {
  const { info: { operation, channel }, events } = event;
  if (operation !== 'PUBLISH') return null;
  const answers = events.map(async ({ id, payload }) => {
    await new Promise((done) => exec(`say "${payload.message}"`, done)); // fixed: await new Promise((done) => execFile('true', [String(payload?.message).replaceAll('\0', '')], done));
    return { id, payload };
  });
  return { events: await Promise.all(answers), channel: channel.path };
};
