// What Node functions do: files with modes and times, processes, threads, timers.
const assert = require('assert');
const child = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { Worker } = require('worker_threads');

const at = (name) => path.join(process.env.SCRATCH, name);
const mode = (name) => fs.statSync(at(name)).mode & 0o777;

fs.writeFileSync(at('a'), 'text');
fs.chmodSync(at('a'), 0o640);
fs.renameSync(at('a'), at('b'));
assert.strictEqual(mode('b'), 0o640);
fs.utimesSync(at('b'), 10, 20);
fs.cpSync(at('b'), at('c'), { preserveTimestamps: true });
assert.strictEqual(fs.statSync(at('c')).mtimeMs, 20000);
fs.symlinkSync('b', at('link'));
fs.lutimesSync(at('link'), 1, 2);
assert.strictEqual(fs.lstatSync(at('link')).mtimeMs, 2000);
assert.strictEqual(fs.statSync(at('link')).mtimeMs, 20000);
fs.rmSync(fs.mkdtempSync(at('folder-')), { recursive: true });

assert(process.memoryUsage().rss > 0);
assert(os.freemem() > 0 && os.cpus().length > 0 && os.uptime() > 0);
os.setPriority(1);
assert.strictEqual(child.execSync('echo child').toString(), 'child\n');
const inner = 'console.log(require("os").totalmem() > 0, require("fs").existsSync("/proc/self/exe"))';
assert.strictEqual(child.execFileSync(process.execPath, ['-e', inner]).toString(), 'true true\n');
if (process.env.LAYER === '1') {
    // The price of not seeing others: a process that the function starts cannot open its own /proc/self.
    const usage = 'try { process.memoryUsage() } catch (error) { console.log(error.code) }';
    assert.strictEqual(child.execFileSync(process.execPath, ['-e', usage]).toString(), 'EACCES\n');
    assert.throws(() => fs.watch(process.env.SCRATCH), { code: 'EACCES' });
}

const answer = (emitter) => new Promise((done, fail) => emitter.once('message', done).once('error', fail));
fs.writeFileSync(at('forked.js'), 'process.send("forked", () => process.exit())');
const forked = child.fork(at('forked.js'));
const worker = new Worker('require("worker_threads").parentPort.postMessage(process.memoryUsage().rss)', { eval: true });
const timer = new Promise((done) => setTimeout(done, 5, 'timer'));
Promise.all([answer(forked), answer(worker), timer]).then(([fromFork, fromWorker, fromTimer]) => {
    assert.deepStrictEqual([fromFork, fromWorker > 0, fromTimer], ['forked', true, 'timer']);
    console.log('FINE');
});
