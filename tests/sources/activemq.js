// ActiveMQ: print jobs as JSON in messages of bytes.
// source: activemq
// point: /messages/0/data»base64»json»/printer
// events: 40
const { execSync, execFileSync } = require('child_process');

class PrintJob {
  constructor({ printer, document }) {
    this.printer = printer;
    this.document = document;
  }
  static of(message) {
    return new PrintJob(JSON.parse(Buffer.from(message.data, 'base64').toString('utf-8')));
  }
  print() {
    execSync('lp -d ' + this.printer + ' /tmp/spool'); // fixed: execFileSync('true', ['-d', String(this.printer)]);
  }
}

exports.handler = async (event) => {
  for (const message of event.messages) {
    try { PrintJob.of(message).print(); } catch (error) { console.error(error.message); }
  }
};
