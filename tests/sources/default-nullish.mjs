// HTTP API: a member of what may be missing.
// source: apigw-http
// point: /headers/x-lang
// events: 40
import { execSync, execFileSync } from 'node:child_process';

export const handler = async (input) => {
  const lang = (input.headers ?? {})['x-lang'];
  try { execSync('locale ' + lang); } catch {} // fixed: try { execFileSync('true', [String(lang)]); } catch {}
  return { statusCode: 200, body: (input.requestContext?.http ?? {}).method };
};
