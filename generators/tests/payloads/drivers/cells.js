// What every Node driver does: `DRIVER CLASS CELLS_FILE ANSWER_FILE`.
//
// CELLS_FILE holds `null`, to ask for the names of the contexts, or a list of cells; the answer to
// those is a list of texts, one per cell: what came of it. Contexts may be asynchronous.
const { readFileSync, writeFileSync } = require('fs');

// `classes`: for each class a function that makes its contexts, {name: function of a cell}.
exports.run = async (classes) => {
  const [name, source, answer] = process.argv.slice(2);
  const contexts = classes[name]();
  const cells = JSON.parse(readFileSync(source, 'utf8'));
  const said = [];
  if (cells === null) said.push(...Object.keys(contexts));
  for (const cell of cells || []) {
    try {
      said.push(text(await within(20_000, contexts[cell.context](cell))));
    } catch (error) {
      // A payload may end in any error.
      said.push(text(`error ${error && error.message}`));
    }
  }
  writeFileSync(answer, JSON.stringify(said));
  process.exit(0);
};

function text(value) {
  return Buffer.from(String(value)).toString();
}

function within(milliseconds, promise) {
  let timer;
  const expired = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('took too long')), milliseconds);
  });
  return Promise.race([promise, expired]).finally(() => clearTimeout(timer));
}
