// Handlers: from the name that Lambda is told to the function that it means.
//
// Client 3 requires CommonJS and imports the rest; client 4 imports everything, and looks into the
// default export too. TypeScript comes after all that Lambda knows: Node.js strips its types.
'use strict';

const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');
const { pathToFileURL } = require('url');
const { CLIENT } = require('./version.cjs');
const { faults, faultFrom } = require('./faults.cjs');

// What cannot be found names those who looked for it: the same file as in Lambda.
const requireFrom = createRequire(path.join(__dirname, 'index.mjs'));
const TYPESCRIPT = ['.ts', '.mts', '.cts'];

/** The handler called `name` of the code in `root`. */
async function load(root, name) {
  if (name.includes('..')) {
    throw new faults.MalformedHandlerName(
      `'${name}' is not a valid handler name. Use absolute paths when specifying root ` +
        'directories in handler names.',
    );
  }
  const base = path.basename(name);
  const before = name.slice(0, name.indexOf(base));
  // `/index.handler` is in the root of the file system for client 3, in that of the code for client 4.
  const folder = CLIENT === 3 ? before : before.replace(/\/$/, '');
  const dot = base.indexOf('.');
  if (dot < 0) throw new faults.MalformedHandlerName('Bad handler');

  const { exported, isTypeScript } = await loadModule(root, folder, base.slice(0, dot));
  const names = base.slice(dot + 1).split('.');
  let found = lookUp(exported, names);
  const looksAtDefault = CLIENT === 4 || isTypeScript;
  if (!found && looksAtDefault && typeof exported === 'object' && exported !== null && 'default' in exported) {
    found = lookUp(exported.default, names);
  }
  if (!found) throw new faults.HandlerNotFound(`${name} is undefined or not exported`);
  if (typeof found !== 'function') throw new faults.HandlerNotFound(`${name} is not a function`);
  return found;
}

function lookUp(object, names) {
  // Client 4 does not look into functions.
  const isOpen = (value) => (CLIENT === 3 ? value : value && typeof value === 'object');
  return names.reduce((value, key) => (isOpen(value) ? value[key] : CLIENT === 3 ? value : undefined), object);
}

async function loadModule(root, folder, name) {
  const file = path.resolve(root, folder, name);
  try {
    const exported = CLIENT === 3 ? await loadAsClient3(file) : await loadAsClient4(file);
    if (exported) return { exported, isTypeScript: false };
    const typeScript = TYPESCRIPT.map((extension) => file + extension).find((it) => fs.existsSync(it));
    if (typeScript !== undefined) return { exported: await importFile(typeScript), isTypeScript: true };
    // Client 3 hands the folder over as it is, which is relative to the working directory.
    const beside = CLIENT === 3 ? folder : path.join(root, folder);
    const found = requireFrom.resolve(name, { paths: [root, beside] });
    return { exported: requireFrom(found), isTypeScript: false };
  } catch (error) {
    if (error instanceof SyntaxError) throw faultFrom('UserCodeSyntaxError', error);
    // A missing package of an ES module has another code, and is not renamed.
    const isMissing = (CLIENT === 3 || error instanceof Error) && error.code === 'MODULE_NOT_FOUND';
    if (isMissing) throw faultFrom('ImportModuleError', error);
    throw error;
  }
}

/** What `file`, to which an extension may be missing, exports; falsy if there is nothing. */
async function loadAsClient3(file) {
  const bare = requireFile(file);
  if (bare) return bare;
  const isModule = fs.existsSync(`${file}.js`) && isModuleScope(path.dirname(file));
  if (!isModule) {
    const script = requireFile(`${file}.js`);
    if (script) return script;
  }
  return (
    (isModule && (await importFile(`${file}.js`))) ||
    (await importFile(`${file}.mjs`)) ||
    requireFile(`${file}.cjs`)
  );
}

async function loadAsClient4(file) {
  for (const extension of ['', '.js', '.mjs', '.cjs']) {
    const exported = await importFile(file + extension);
    if (exported) return exported;
  }
  return undefined;
}

function requireFile(file) {
  return fs.existsSync(file) ? requireFrom(file) : undefined;
}

async function importFile(file) {
  return fs.existsSync(file) ? import(pathToFileURL(file).href) : undefined;
}

/** Whether the nearest package.json says that .js files are ES modules. */
function isModuleScope(folder) {
  for (let dir = folder; !dir.endsWith('/node_modules'); dir = path.dirname(dir)) {
    const file = path.join(dir, 'package.json');
    if (fs.existsSync(file)) {
      try {
        const found = JSON.parse(fs.readFileSync(file));
        if (found) return found.type === 'module';
      } catch (error) {
        console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`, error);
        return false;
      }
    }
    if (dir === '/') return false;
  }
  return false;
}

module.exports = { load };
