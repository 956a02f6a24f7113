// VPC Lattice, version 2: every value is a list.
// source: vpc-lattice-v2
// point: /queryStringParameters/zone/0»percent
// events: 60
import { execSync, execFileSync } from 'node:child_process';

export async function handler(event) {
  const caller = event.requestContext?.serviceNetworkArn;
  const zone = event.queryStringParameters?.zone?.[0];
  if (!caller || !zone) return { statusCode: 400 };
  try {
    const out = execSync(`zdump ${zone}`); // fixed: const out = execFileSync('true', [zone.replaceAll('\0', '')]);
    return { statusCode: 200, body: out.toString() };
  } catch {
    return { statusCode: 500 };
  }
}
