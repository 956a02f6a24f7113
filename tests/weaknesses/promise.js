// An order that is no JSON is left out, and so is the promise that waits for it.
// oracle: never-settled
// point: none
// events: 400
exports.handler = (event) =>
  new Promise((resolve) => {
    let left = event.Records.length;
    if (left === 0) resolve('nothing');
    const done = () => {
      left -= 1;
      if (left === 0) resolve('done');
    };
    for (const record of event.Records) {
      let order;
      try {
        order = JSON.parse(record.body);
      } catch {
        continue; // fixed: done(); continue;
      }
      setImmediate(() => done(order));
    }
  });
