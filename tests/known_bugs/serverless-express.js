// N2: the error is thrown beside the promise of the handler, which nobody settles then.
// packages: @vendia/serverless-express@4.8.2 express@4.18.2
// repaired: @vendia/serverless-express@4.10.5 express@4.18.2
// oracle: unhandled-rejection
// source: alb
// point: none
// events: 900
const express = require('express');
const serverlessExpress = require('@vendia/serverless-express');
const app = express();
app.use((request, response) => {
  const { name = 'you' } = request.query;
  response.json({ hello: String(name).slice(0, 80) });
});
exports.handler = serverlessExpress({ app });
