// WebSocket API: routes by the connection's event type, then by the action in the message.
// source: apigw-websocket
// point: /body»json»/room
// events: 150
const { execSync, execFileSync } = require('child_process');

exports.handler = async (event) => {
  const { connectionId, eventType } = event.requestContext;
  switch (eventType) {
    case 'CONNECT':
    case 'DISCONNECT':
      return { statusCode: 200 };
    default: {
      const { action, room } = JSON.parse(event.body);
      if (action === 'join') {
        try { execSync(`rooms --join ${room} --as ${connectionId}`); } catch {} // fixed: try { execFileSync('true', [String(room)]); } catch {}
      }
      return { statusCode: 200 };
    }
  }
};
