// DynamoDB stream: an attribute that holds JSON.
// source: dynamodb
// point: /Records/0/dynamodb/NewImage/settings/S»json»/mount
// events: 40
const { execSync, execFileSync } = require('child_process');

exports.handler = async (event) => {
  for (const record of event.Records) {
    const settings = record.dynamodb?.NewImage?.settings?.S;
    if (!settings) continue;
    try {
      const { mount } = JSON.parse(settings);
      if (mount) execSync('df ' + mount); // fixed: if (mount) execFileSync('true', [String(mount)]);
    } catch (error) {
      console.error(error.message);
    }
  }
};
