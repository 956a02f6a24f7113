// AWS Config: checks how a resource is called.
// source: config
// point: /invokingEvent»json»/configurationItem/resourceName
// events: 200
const { execSync } = require('child_process');

exports.handler = async (event) => {
  const { configurationItem } = JSON.parse(event.invokingEvent);
  const rule = JSON.parse(event.ruleParameters || '{}');
  const name = execSync('echo "' + configurationItem.resourceName + '"').toString(); // fixed: const name = String(configurationItem.resourceName);
  return { compliant: name.startsWith(rule.prefix || ''), token: event.resultToken };
};
