// Statements, filters and expressions, for the observer: what is told of them.
//
// Of what a function hands over only its own plain members are read: no accessor is called, and nothing inherited counts.
'use strict';

const { getOwnPropertyDescriptor, ownKeys } = Reflect;
const { create, getPrototypeOf, setPrototypeOf } = Object;
const { stringify } = JSON;
const { isProxy } = require('util').types;
const { isArray } = Array;
const ObjectPrototype = Object.prototype;

// How far an argument is looked through.
const DEEPEST = 12;
const MOST_MEMBERS = 500;

// Expressions of DynamoDB ("Using expressions in DynamoDB" in its Developer Guide).
const EXPRESSIONS = setPrototypeOf(
  {
    KeyConditionExpression: true,
    FilterExpression: true,
    ConditionExpression: true,
    UpdateExpression: true,
    ProjectionExpression: true,
  },
  null,
);
// The member with a statement, and whose statement it is, by the service.
const STATEMENTS = setPrototypeOf(
  {
    'DynamoDB': { named: 'Statement', engine: 'partiql' },
    'RDS Data': { named: 'sql', engine: 'unknown' },
    'Redshift Data': { named: 'Sql', engine: 'postgresql' },
    'Athena': { named: 'QueryString', engine: 'unknown' },
    'Timestream Query': { named: 'QueryString', engine: 'unknown' },
  },
  null,
);
// What has values in it, which are bound.
const BOUND = setPrototypeOf(
  { ExpressionAttributeValues: true, ExpressionAttributeNames: true, Parameters: true, parameters: true, Item: true, Key: true },
  null,
);

/** A member of an object, if it is a plain one of its own. */
function member(it, name) {
  if (typeof it !== 'object' || it === null || isProxy(it)) return undefined;
  return getOwnPropertyDescriptor(it, name)?.value;
}

module.exports = function queries({ has, tell, miss, WORD, LONGEST }) {
  const tellText = (text, record) => {
    if (typeof text !== 'string' || !has(WORD, text)) return;
    if (text.length > LONGEST) miss();
    else tell({ ...record, text });
  };

  /** A statement: a text, or an object around one. */
  const statement = (engine, it) => {
    const text = typeof it === 'string' ? it : (member(it, 'text') ?? member(it, 'sql'));
    tellText(text, { kind: 'statement', engine });
  };

  /** A filter, copied as plain data: what is neither is `null`. */
  const filter = (it) => {
    if (typeof it !== 'object' || it === null) return;
    let left = MOST_MEMBERS;
    let some = false;
    const copy = (value, depth) => {
      if (typeof value === 'string') {
        some = some || has(WORD, value);
        return value;
      }
      if (typeof value === 'number' || typeof value === 'boolean') return value;
      if (typeof value !== 'object' || value === null || isProxy(value) || depth > DEEPEST) return null;
      const list = isArray(value);
      const prototype = getPrototypeOf(value);
      if (!list && prototype !== ObjectPrototype && prototype !== null) return null;
      const copied = list ? setPrototypeOf([], null) : create(null);
      const names = ownKeys(value);
      for (let at = 0; at < names.length; at += 1) {
        const name = names[at];
        if (typeof name !== 'string' || (list && name === 'length')) continue;
        left -= 1;
        if (left < 0) return null;
        some = some || has(WORD, name);
        copied[list ? copied.length : name] = copy(getOwnPropertyDescriptor(value, name)?.value, depth + 1);
      }
      return copied;
    };
    const copied = copy(it, 0);
    if (some) tellText(stringify(copied), { kind: 'filter' });
  };

  /** The input of a request to a service of AWS. */
  const request = (service, input) => {
    const expressions = service === 'DynamoDB';
    const known = STATEMENTS[service];
    if (known === undefined) return;
    let left = MOST_MEMBERS;
    const walk = (value, depth) => {
      if (typeof value !== 'object' || value === null || isProxy(value) || depth > DEEPEST) return;
      const names = ownKeys(value);
      for (let at = 0; at < names.length; at += 1) {
        const name = names[at];
        left -= 1;
        if (left < 0) return;
        if (typeof name !== 'string' || BOUND[name] === true) continue;
        const it = member(value, name);
        if (typeof it === 'object') walk(it, depth + 1);
        else if (name === known.named) tellText(it, { kind: 'statement', engine: known.engine });
        else if (expressions && EXPRESSIONS[name] === true) tellText(it, { kind: 'expression', member: name });
      }
    };
    walk(input, 0);
  };

  return { statement, filter, request };
};
