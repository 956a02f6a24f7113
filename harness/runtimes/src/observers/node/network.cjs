// Observer for Node.js: addresses that are asked.
//
// The sandbox sees connections, and judges them. This says where the function's own code made one, and which texts of an event
// stand in URLs that are asked.
'use strict';

// The port of a canary address (generators, payload/effect.rs).
const CANARY_PORT = /:(?:1[6-9]|2\d|3[0-2])\d{3}(?!\d)/;
const LONGEST = 8 * 1024;

module.exports = ({ apply, has, WORD, tell, stackNow, wrap }) => {
  const { getOwnPropertyDescriptor } = Reflect;
  const { Agent } = require('http');
  const { Socket } = require('net');
  const href = getOwnPropertyDescriptor(URL.prototype, 'href').get;

  const asked = (url) => {
    if (typeof url !== 'string' || url.length > LONGEST) return;
    if (has(WORD, url) || has(CANARY_PORT, url)) tell({ kind: 'asked', url, stack: stackNow() });
  };

  // `http` and `https`, and all that is built on them: called while the request is made, before there is a connection.
  wrap(Agent.prototype, 'addRequest', ([request, options]) => {
    const { path } = request;
    const { host, port } = options;
    if (typeof path === 'string' && typeof host === 'string') asked(`//${host}:${port}${path}`);
  });
  const fetched = ([input]) => {
    if (typeof input === 'string') asked(input);
    else if (input instanceof URL) asked(apply(href, input, []));
    // Looking at it before would load all of undici.
    else if (input instanceof Request) asked(apply(getOwnPropertyDescriptor(Request.prototype, 'url').get, input, []));
  };
  // Older versions of Node.js have none.
  const global = getOwnPropertyDescriptor(globalThis, 'fetch');
  if (global !== undefined && typeof global.value === 'function') wrap(globalThis, 'fetch', fetched);
  // What connects by itself, and all of the above later on.
  wrap(Socket.prototype, 'connect', (args) => {
    // As `net.connect` hands them on: a list with the options and the callback.
    const options = Array.isArray(args[0]) ? args[0][0] : args[0];
    const [host, port] =
      typeof options === 'object' && options !== null ? [options.host, options.port] : [args[1], options];
    if (typeof host === 'string') asked(`${host}:${port}`);
  });
};
