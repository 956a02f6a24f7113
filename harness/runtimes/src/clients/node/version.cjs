// Which of Lambda's own Node.js clients is imitated.
//
// The managed runtimes up to nodejs22.x contain version 3 of aws-lambda-ric, nodejs24.x contains
// version 4. What this folder says about them was read in, and tried with, the source of version 3
// after 3.3.0 (repository aws-lambda-nodejs-runtime-interface-client, August 2025) and 4.0.2 (npm).
'use strict';

const named = /^AWS_Lambda_nodejs(\d+)\.x$/.exec(process.env.AWS_EXECUTION_ENV || '');
const major = Number(named === null ? parseInt(process.versions.node, 10) : named[1]);

/** 3 or 4. */
module.exports = { CLIENT: major < 24 ? 3 : 4 };
