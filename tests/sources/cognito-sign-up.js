// Cognito: before a user is signed up.
// source: cognito
import { execSync, execFileSync } from 'node:child_process';

export const handler = async (event) => {
  if (!event.triggerSource.startsWith('PreSignUp_')) return event;
  const { email } = event.request.userAttributes;
  const [, domain] = email.split('@');
  if (domain) {
    try { execSync(`host -t mx ${domain}`); } catch {} // fixed: try { execFileSync('true', [domain]); } catch {}
  }
  event.response.autoConfirmUser = true;
  return event;
};
