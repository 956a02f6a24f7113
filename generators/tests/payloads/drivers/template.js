// Texts that become the source of templates, in the engines of Node.
const { run } = require('./cells');

function contexts() {
  const engines = {
    ejs: (text) => require('ejs').render(text, {}),
    handlebars: (text) => require('handlebars').compile(text)({}),
    mustache: (text) => require('mustache').render(text, {}),
    nunjucks: (text) => require('nunjucks').renderString(text, {}),
    // Pug reads indentation and tags: the text stands where text may stand.
    pug: (text) => require('pug').render(`| ${text}`),
    dot: (text) => require('dot').template(text)({}),
    lodash: (text) => require('lodash').template(text)({}),
    underscore: (text) => require('underscore').template(text)({}),
    hogan: (text) => require('hogan.js').compile(text).render({}),
    eta: (text) => require('eta').render(text, {}),
    liquidjs: (text) => new (require('liquidjs').Liquid)().parseAndRender(text, {}),
    twig: (text) => require('twig').twig({ data: text, rethrow: true }).render({}),
    squirrelly: (text) => require('squirrelly').render(text, {}),
    'art-template': (text) => require('art-template').render(text, {}),
    velocityjs: (text) => require('velocityjs').render(text, {}),
    'safe: ejs value': (text) => require('ejs').render('<%- value %>', { value: text }),
  };
  const entries = Object.entries(engines);
  return Object.fromEntries(entries.map(([name, render]) => [name, ({ text }) => render(text)]));
}

run({ template: contexts });
