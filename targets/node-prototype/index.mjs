// Saves a user's preferences: POST { "preferences": { "mail": { "weekly": true } } }.

const DEFAULTS = { mail: { weekly: false, offers: false }, theme: 'light' };

/** Adds the members of `from` to `into`, however deep. */
function merge(into, from) {
  for (const key of Object.keys(from)) {
    const value = from[key];
    if (value !== null && typeof value === 'object') {
      // Weak: `key` may be `__proto__`, and what is merged into then is the prototype of every object.
      if (into[key] === undefined || into[key] === null) into[key] = {};
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
    wish = JSON.parse(event.body);
  } catch {
    return { statusCode: 400, body: 'the body must be JSON' };
  }
  if (wish === null || typeof wish !== 'object') return { statusCode: 400, body: 'the body must be an object' };
  const preferences = merge(structuredClone(DEFAULTS), wish.preferences ?? {});
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(preferences) };
};
