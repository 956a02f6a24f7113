// Tokens for verifiers that people wrote, and for one that was mended. Fired: the token is
// accepted and its subject is the nonce.
const { createHmac, timingSafeEqual } = require('crypto');
const { readFileSync } = require('fs');
const path = require('path');
const { run } = require('./cells');

const KEY = 'a key that nobody knows: 1f7d6a';

const part = (text) => JSON.parse(Buffer.from(text, 'base64url').toString());
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

// `keyOf`: which key a header asks for; `null` is a token that needs no signature.
function verify(token, keyOf) {
  const [head, claims, signature] = token.split('.');
  const key = keyOf(part(head), signature);
  if (key !== null) {
    const wanted = hmac(key, `${head}.${claims}`);
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Error('wrong signature');
  }
  return part(claims);
}

const accepted = (decode) => ({ text, nonce }) => {
  const claims = decode(text);
  return claims && claims.sub === nonce && claims.admin === true ? 'fired' : 'refused';
};

const by = (keyOf) => accepted((token) => verify(token, keyOf));

function contexts() {
  const library = require('jsonwebtoken');
  const file = (name) => readFileSync(path.join(process.cwd(), name));
  return {
    'algorithm of the token': by(({ alg }) => (alg === 'none' ? null : KEY)),
    'algorithm in any case': by(({ alg }) => (alg.toLowerCase() === 'none' ? null : KEY)),
    "'none' refused in lower case": by(({ alg }) => {
      if (alg === 'none') throw new Error('no signature');
      return alg.toLowerCase() === 'none' ? null : KEY;
    }),
    'key from an empty setting': by(() => process.env.NO_SUCH_SETTING || ''),
    'key from the file kid': by(({ kid }) => file(kid)),
    'key of a tutorial': by(() => 'secret'),
    'checked if there is a signature': by(({ alg }, signature) => (alg === 'HS256' && !signature ? null : KEY)),
    'jsonwebtoken 4 with an empty key': accepted((token) => library.verify(token, '')),
    'jsonwebtoken 4 with a weak key': accepted((token) => library.verify(token, 'secret')),
    'safe: one algorithm, one key': by(() => KEY),
    'safe: jsonwebtoken 4 with a key': accepted((token) => library.verify(token, KEY, { algorithms: ['HS256'] })),
  };
}

run({ jwt: contexts });
