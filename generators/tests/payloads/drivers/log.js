// Texts that are logged. The answer is the log; whether a line is forged is not decided here.
const { Console } = require('console');
const { Writable } = require('stream');
const { run } = require('./cells');

function logged(write) {
  return ({ text }) => {
    let log = '';
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        log += chunk;
        done();
      },
    });
    write(new Console({ stdout }), text);
    return log;
  };
}

const escaped = (text) =>
  JSON.stringify(text).replace(/[\u007f-\uffff]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`);

function contexts() {
  return {
    'console.log(text)': logged((console, text) => console.log(text)),
    "console.log('user %s', text)": logged((console, text) => console.log('user %s', text)),
    'console.info(`user ${text}`)': logged((console, text) => console.info(`user ${text}`)),
    "console.log('user', text)": logged((console, text) => console.log('user', text)),
    'safe: JSON in ASCII': logged((console, text) => console.log(escaped({ user: text }))),
  };
}

run({ 'log-injection': contexts });
