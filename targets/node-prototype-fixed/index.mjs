// Saves a user's preferences: POST { "preferences": { "mail": { "weekly": true } } }.

const DEFAULTS = { mail: { weekly: false, offers: false }, theme: 'light' };
const REFUSED = ['__proto__', 'constructor', 'prototype'];

const isObject = (value) => value !== null && typeof value === 'object';

/** Adds the members of `from` to `into`, however deep. */
function merge(into, from) {
  for (const key of Object.keys(from)) {
    if (REFUSED.includes(key)) continue;
    const value = from[key];
    if (isObject(value)) {
      if (!isObject(into[key])) into[key] = {};
      merge(into[key], value);
    } else {
      into[key] = value;
    }
  }
  return into;
}

export const handler = async (event) => {
  let wish;
  try {
    wish = JSON.parse(event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body);
  } catch {
    return { statusCode: 400, body: 'the body must be JSON' };
  }
  if (!isObject(wish)) return { statusCode: 400, body: 'the body must be an object' };
  const preferences = isObject(wish.preferences) ? wish.preferences : {};
  const body = JSON.stringify(merge(structuredClone(DEFAULTS), preferences));
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body };
};
