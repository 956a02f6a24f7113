// What was printed is kept, for a "print it again" that never came.
// oracle: memory-growth
// point: none
// events: 3000
const printed = [];

exports.handler = async (event) => {
  const label = Buffer.alloc(2_000_000, event.queryStringParameters?.label ?? 'none');
  printed.push(label); // fixed: printed[0] = label;
  return { statusCode: 200, body: String(label.length + printed.length) };
};
