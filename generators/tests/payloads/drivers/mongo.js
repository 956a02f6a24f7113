// JSON values that become parts of MongoDB queries, on in-memory queries and on what `qs` makes.
//
// Fired: a document came although the sender does not know its values.
const { run } = require('./cells');

const USERS = [
  { name: 'ann', token: 't1' },
  { name: 'bob', token: 't2' },
];

function contexts() {
  const sift = require('sift').default;
  const { find } = require('mingo');
  const found = (documents) => (documents.length > 0 ? 'fired' : 'nothing');
  const withSift = (query) => found(USERS.filter(sift(query)));
  const withMingo = (query) => found(find(USERS, query).all());
  return {
    'sift {token: @}': ({ value }) => withSift({ token: value }),
    'sift {name, token: @}': ({ value }) => withSift({ name: 'ann', token: value }),
    // $where is an operator of the whole document.
    'sift @': ({ value }) => withSift(value),
    'mingo {token: @}': ({ value }) => withMingo({ token: value }),
    'mingo {name, token: @}': ({ value }) => withMingo({ name: 'ann', token: value }),
    'mingo {name: @, token: @}': ({ value }) => withMingo({ name: value, token: value }),
    'safe: sift {token: String(@)}': ({ value }) => withSift({ token: String(value) }),
    'safe: mingo {token: {$eq: @}}': ({ value }) => withMingo({ token: { $eq: value } }),
  };
}

run({ 'mongo-operator': contexts });
