// Lex: looks a city up.
// source: lex
// point: /sessionState/intent/slots/City/value/originalValue
// events: 200
const { execSync, execFileSync } = require('child_process');

exports.handler = async (event) => {
  const { intent } = event.sessionState;
  const city = intent.slots.City?.value.originalValue;
  const weather = execSync(`echo ${city}`).toString(); // fixed: const weather = execFileSync('echo', [String(city).replace(/\0/g, '')]).toString();
  return {
    sessionState: { dialogAction: { type: 'Close' }, intent: { ...intent, state: 'Fulfilled' } },
    messages: [{ contentType: 'PlainText', content: weather }],
  };
};
