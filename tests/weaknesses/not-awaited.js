// An order is stored after the answer has been sent.
// oracle: work-after-answer
// point: /body»json»/item
// events: 400
const { setTimeout: pause } = require('timers/promises');

async function store(item) {
  await pause(30);
  console.log('stored', item);
}

exports.handler = async (event) => {
  let order;
  try {
    order = JSON.parse(event.body);
  } catch {
    return { statusCode: 422 };
  }
  if (typeof order?.item !== 'string') return { statusCode: 422 };
  store(order.item); // fixed: await store(order.item);
  return { statusCode: 202 };
};
