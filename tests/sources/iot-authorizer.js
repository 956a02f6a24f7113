// IoT: asks a script whether a device may connect.
// source: iot-authorizer
// point: /protocolData/mqtt/username
// events: 200
const { exec } = require('child_process');

const allowed = (user) => new Promise((resolve) => {
  exec(`echo ${user}`, (error) => resolve(!error)); // fixed: resolve(user === 'device');
});

exports.handler = async ({ protocolData, connectionMetadata }) => ({
  isAuthenticated: await allowed(protocolData.mqtt.username),
  principalId: connectionMetadata.id.replace(/-/g, ''),
});
