// Handlers: from the name that Lambda is told to the function that it means.
'use strict';

const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const { RuntimeFault, faultFrom } = require('./faults.cjs');

const { parse: parseJson } = JSON;

/**
 * The handler called `name` of the code in `root`.
 *
 * `usesDefaultExport`: whether it is also looked for in the default export, as from Node 24 on.
 */
async function load(root, name, { usesDefaultExport }) {
  if (name.includes('..')) {
    throw new RuntimeFault(
      'MalformedHandlerName',
      `'${name}' is not a valid handler name. Use absolute paths when specifying root ` +
        'directories in handler names.',
    );
  }
  const base = path.basename(name);
  const folder = name.slice(0, name.length - base.length);
  const dot = base.indexOf('.');
  if (dot < 0) throw new RuntimeFault('MalformedHandlerName', 'Bad handler');

  let exported;
  try {
    exported = await loadModule(root, folder, base.slice(0, dot));
  } catch (error) {
    if (error instanceof SyntaxError) throw faultFrom('UserCodeSyntaxError', error);
    if (error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND')) {
      throw faultFrom('ImportModuleError', error);
    }
    throw error;
  }

  const names = base.slice(dot + 1).split('.');
  const lookup = (object) => names.reduce((value, key) => value && value[key], object);
  let found = lookup(exported);
  if (!found && usesDefaultExport && exported && exported.default) found = lookup(exported.default);
  if (!found) throw new RuntimeFault('HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof found !== 'function') {
    throw new RuntimeFault('HandlerNotFound', `${name} is not a function`);
  }
  return found;
}

async function loadModule(root, folder, name) {
  const file = path.resolve(root, folder, name);
  const exists = (extension) => fs.existsSync(file + extension);
  if (fs.existsSync(file) && fs.statSync(file).isFile()) return require(file);
  if (exists('.js')) {
    return isModuleScope(path.dirname(file)) ? importFile(`${file}.js`) : require(`${file}.js`);
  }
  if (exists('.mjs')) return importFile(`${file}.mjs`);
  if (exists('.cjs')) return require(`${file}.cjs`);
  return require(require.resolve(name, { paths: [root, path.resolve(root, folder)] }));
}

function importFile(file) {
  return import(pathToFileURL(file).href);
}

/** Whether the nearest package.json says that .js files are ES modules. */
function isModuleScope(folder) {
  for (let dir = folder; ; dir = path.dirname(dir)) {
    if (path.basename(dir) === 'node_modules') return false;
    try {
      return parseJson(fs.readFileSync(path.join(dir, 'package.json'), 'utf8')).type === 'module';
    } catch (error) {
      if (error.code !== 'ENOENT') return false;
    }
    if (dir === path.dirname(dir)) return false;
  }
}

module.exports = { load };
