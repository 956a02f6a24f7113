// The answer waits for a word that not every request has.
// oracle: never-settled
// point: /queryStringParameters/word
// events: 400
const { EventEmitter } = require('events');
exports.handler = async (event) => {
  const words = new EventEmitter();
  const word = new Promise((resolve) => words.once('word', resolve));
  const text = event.queryStringParameters?.word ?? 'none';
  const found = /^[a-z]+/.exec(text);
  setImmediate(() => {
    if (found) words.emit('word', found[0]); // fixed: words.emit('word', found?.[0] ?? '');
  });
  return { statusCode: 200, body: await word };
};
