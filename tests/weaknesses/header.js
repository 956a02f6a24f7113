// A redirect to where the query says.
// oracle: header-injection
// point: /queryStringParameters/next
// events: 300
exports.handler = async (event) => {
  const next = event.queryStringParameters?.next ?? 'home';
  return { statusCode: 302, headers: { Location: '/' + next } }; // fixed: return { statusCode: 302, headers: { Location: '/' + encodeURIComponent(next.toWellFormed ? next.toWellFormed() : next) } };
};
