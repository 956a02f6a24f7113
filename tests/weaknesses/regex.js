// A name of words is checked by an expression with a repetition inside a repetition.
// oracle: cpu-growth
// point: /body»json»/name
// events: 400
exports.handler = async (event) => {
  let name;
  try {
    ({ name } = JSON.parse(event.body));
  } catch {
    return { statusCode: 422 };
  }
  if (typeof name !== 'string') return { statusCode: 422 };
  return { statusCode: /^(\w+\s?)*$/.test(name) ? 200 : 422 }; // fixed: return { statusCode: /^\w+(\s\w+)*\s?$/.test(name) ? 200 : 422 };
};
