// Texts that become values of headers. The answer is the names of the headers that Node reads.
const http = require('http');
const net = require('net');
const { run } = require('./cells');

// What Node's own HTTP reader makes of an answer.
function read(bytes) {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(bytes));
    });
    server.listen(0, '127.0.0.1', () => {
      const request = http.get({ port: server.address().port, host: '127.0.0.1', agent: false }, (answer) => {
        answer.resume();
        resolve(Object.keys(answer.headers).join('\n'));
      });
      request.on('error', reject);
    });
  });
}

const answer = (text) => `HTTP/1.1 200 OK\r\nLocation: /${text}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;

function refused(text) {
  const message = new http.OutgoingMessage();
  message.setHeader('Location', text);
  return message.getHeaderNames().join('\n');
}

function contexts() {
  return {
    'answer by hand': ({ text }) => read(Buffer.from(answer(text), 'utf8')),
    'answer by hand, latin1': ({ text }) => read(Buffer.from(answer(text), 'latin1')),
    'safe: setHeader': ({ text }) => refused(text),
    'safe: encodeURIComponent': ({ text }) => read(Buffer.from(answer(encodeURIComponent(text)), 'latin1')),
  };
}

run({ 'header-injection': contexts });
