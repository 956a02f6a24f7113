// Observer for Node.js: paths of files that are opened, made, changed, moved or deleted.
//
// The sandbox sees the same, and judges it. This says where the function's own code did it.
'use strict';

// Functions of `fs`, most of them with a `Sync` twin and one in `fs.promises`, by the number of paths that they take first.
const ONE = [
  'open', 'openAsBlob', 'readFile', 'writeFile', 'appendFile', 'createReadStream', 'createWriteStream', 'readdir',
  'opendir', 'unlink', 'rm', 'rmdir', 'mkdir', 'truncate',
];
const TWO = ['rename', 'copyFile', 'cp', 'link', 'symlink'];

module.exports = ({ apply, has, WORD, tell, stackNow, wrap }) => {
  const fs = require('fs');
  const { isBuffer } = Buffer;
  const { toString } = Buffer.prototype;
  const href = Reflect.getOwnPropertyDescriptor(URL.prototype, 'href').get;

  // What a function may give for a path. Nothing of its own is called.
  const textOf = (path) => {
    if (typeof path === 'string') return path;
    if (isBuffer(path)) return apply(toString, path, ['latin1']);
    return path instanceof URL ? apply(href, path, []) : '';
  };
  const look = (paths) => (args) => {
    for (let at = 0; at < paths && at < args.length; at += 1) {
      const path = textOf(args[at]);
      // The longest path that Linux takes.
      if (path.length <= 4096 && has(WORD, path)) tell({ kind: 'opened', path, stack: stackNow() });
    }
  };
  for (const [names, paths] of [[ONE, 1], [TWO, 2]]) {
    for (const name of names) {
      for (const [owner, own] of [[fs, name], [fs, `${name}Sync`], [fs.promises, name]]) {
        if (typeof owner[own] === 'function') wrap(owner, own, look(paths));
      }
    }
  }
};
