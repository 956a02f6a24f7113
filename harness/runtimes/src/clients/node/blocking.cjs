// Writing and reading without the event loop, where the descriptor may not be ready.
'use strict';

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** What `step` returns, once the descriptor that it uses is ready; after `until` it is not tried again. */
function whenReady(step, until = Infinity) {
  for (;;) {
    try {
      return step();
    } catch (error) {
      if (error.code !== 'EAGAIN' || Date.now() > until) throw error;
      Atomics.wait(PAUSE, 0, 0, 1);
    }
  }
}

module.exports = { whenReady };
