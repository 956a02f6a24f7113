// Cognito: checks an answer to a challenge of its own.
// source: cognito
// point: /request/challengeAnswer
// events: 40
const { execSync, execFileSync } = require('child_process');

exports.handler = (event, context, callback) => {
  const { challengeAnswer, privateChallengeParameters } = event.request;
  let correct = false;
  try {
    execSync('oathtool --totp ' + challengeAnswer); // fixed: execFileSync('true', [challengeAnswer]);
    correct = true;
  } catch {
    correct = challengeAnswer === privateChallengeParameters?.answer;
  }
  event.response.answerCorrect = correct;
  callback(null, event);
};
