// S3 Object Lambda: an image in the format that a query of the caller's URL names.
// source: s3-object-lambda
// point: /userRequest/url»url-query»/query»form»/format
// events: 60
const { execFile, exec } = require('node:child_process');
const { promisify } = require('node:util');
const run = promisify(exec);
const runFile = promisify(execFile);

exports.handler = async ({ getObjectContext, userRequest }) => {
  const { outputRoute, outputToken } = getObjectContext;
  const { pathname, searchParams } = new URL(userRequest.url);
  const format = searchParams.get('format') ?? 'png';
  if (!pathname) return { statusCode: 404 };
  await run(`convert - ${format}:-`).catch(() => {}); // fixed: await runFile('convert', ['-', `${format}:-`]).catch(() => {});
  return { statusCode: 200, outputRoute, outputToken };
};
