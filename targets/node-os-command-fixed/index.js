// Shows a file that an earlier step left in /tmp.
'use strict';

const { readFile } = require('fs/promises');
const { join } = require('path');

const FOLDER = '/tmp';
const FILE_NAME = /^[A-Za-z0-9]{1,50}$/;

const answer = (statusCode, content) => ({
  statusCode,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(content),
});

exports.handler = async (event) => {
  const query = (event && event.queryStringParameters) || {};
  const file = query.file;
  if (typeof file !== 'string' || !FILE_NAME.test(file)) {
    return answer(400, { message: 'file must be 1 to 50 letters or digits' });
  }
  try {
    const text = await readFile(join(FOLDER, file), 'utf8');
    return answer(200, { length: text.length });
  } catch (error) {
    return answer(404, { message: 'no such file' });
  }
};
