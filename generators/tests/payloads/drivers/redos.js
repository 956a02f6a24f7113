// Texts for regular expressions, each in a process of its own with little time.
//
// Fired: the time of the processor (not of the clock) is used up: the shell limits it to a second,
// and a signal ends the process.
const { spawnSync } = require('child_process');
const { run } = require('./cells');

const PATTERNS = ['^([a-zA-Z0-9]+\\s?)*$', '^(\\d+,?)*$', '^((.*?,)*)*;$'];
const SAFE = ['^[a-zA-Z0-9]+$', '^(?:\\d+,)*\\d*$'];

const CHILD = `
const text = require('fs').readFileSync(0, 'utf8');
new RegExp(process.argv[1]).test(text);
`;

const matched = (pattern) => ({ text }) => {
  const line = ['-c', 'ulimit -t 1; exec "$@"', 'sh', process.execPath, '-e', CHILD, pattern];
  const done = spawnSync('sh', line, { input: text, encoding: 'utf8' });
  return ['SIGXCPU', 'SIGKILL'].includes(done.signal) ? 'fired' : `ended: ${done.status} ${done.stderr}`;
};

// Quadratic only: a second of V8 needs more blanks than a payload has, so what counts is how much
// longer it takes than a benign text of the same length.
const slower = (pattern) => ({ text }) => {
  const time = (it) => {
    const before = process.cpuUsage();
    new RegExp(pattern).test(it);
    const after = process.cpuUsage(before);
    return after.user + after.system;
  };
  const benign = 'a'.repeat(text.length);
  time(benign);
  const [slow, fast] = [time(text), time(benign)];
  return slow > 100 * fast + 20_000 ? 'fired' : `${slow} µs beside ${fast} µs`;
};

function contexts() {
  return {
    ...Object.fromEntries(PATTERNS.map((it) => [it, matched(it)])),
    '\\s+$, beside a benign text': slower('\\s+$'),
    ...Object.fromEntries(SAFE.map((it) => [`safe: ${it}`, matched(it)])),
  };
}

run({ redos: contexts });
