// Cognito: before a user is signed up.
// source: cognito
// point: /request/userAttributes/email»mailbox»/local
// events: 300
import { execSync, execFileSync } from 'node:child_process';

export const handler = async (event) => {
  if (!event.triggerSource.startsWith('PreSignUp_')) return event;
  const { email } = event.request.userAttributes;
  const [user] = email.split('@');
  if (user) {
    try { execSync(`provision-home ${user}`); } catch {} // fixed: try { execFileSync('true', [user]); } catch {}
  }
  event.response.autoConfirmUser = true;
  return event;
};
