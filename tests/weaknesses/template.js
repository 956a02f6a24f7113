// Mail from a template of the customer's own.
// oracle: template-injection
// point: /body»json»/greeting
// events: 400
exports.handler = async (event) => {
  let body;
  try {
    body = JSON.parse(event.body || '{}');
  } catch {
    return { statusCode: 400 };
  }
  const { greeting = 'Hello {{ name }}', name = 'you' } = body ?? {};
  const fill = (_, code) => new Function('name', `return ${code}`)(name); // fixed: const fill = (_, code) => (code.trim() === 'name' ? name : '');
  try {
    return { statusCode: 200, body: String(greeting).replace(/\{\{(.*?)\}\}/g, fill) };
  } catch {
    return { statusCode: 422, body: 'bad template' };
  }
};
