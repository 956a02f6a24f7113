// RabbitMQ: a header of the message, which arrives as bytes, names the tool's profile.
// source: rabbitmq
// point: /rmqMessagesByQueue/orders::~1/0/basicProperties/headers/profile/bytes»signed-bytes»
// events: 40
import { exec, execFile } from 'node:child_process';

const text = ({ bytes }) => Buffer.from(bytes).toString();

export const handler = async (event) => {
  for (const messages of Object.values(event.rmqMessagesByQueue)) {
    for (const { basicProperties: { headers } = {} } of messages) {
      const profile = headers?.profile && text(headers.profile);
      if (!profile) continue;
      await new Promise((done) => exec(`transcode --profile ${profile}`, done)); // fixed: await new Promise((done) => execFile('true', [profile.replaceAll('\0', '')], done));
    }
  }
};
