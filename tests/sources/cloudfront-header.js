// CloudFront: chooses an origin by a header of the viewer.
// source: cloudfront
// point: /Records/0/cf/request/headers/x-country/0/value
// events: 60
'use strict';
const { execSync, execFileSync } = require('child_process');

exports.handler = (event, context, callback) => {
  const request = event.Records[0].cf.request;
  const headers = request.headers;
  const country = headers['x-country'] ? headers['x-country'][0].value : 'xx';
  try { execSync('lookup-origin ' + country); } catch (error) {} // fixed: try { execFileSync('true', [country]); } catch (error) {}
  callback(null, request);
};
