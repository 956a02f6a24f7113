// N1: Express behind a load balancer, which hands on query strings as they came.
// packages: serverless-http@2.7.0 express@4.18.2
// repaired: serverless-http@3.0.0 express@4.18.2
// oracle: unhandled-error
// source: alb
// point: none
// events: 900
const express = require('express');
const serverless = require('serverless-http');
const app = express();
app.use((request, response) => {
  const { name = 'you' } = request.query;
  response.json({ hello: String(name).slice(0, 80) });
});
exports.handler = serverless(app);
