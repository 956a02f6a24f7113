// The name of an object is printed.
// oracle: log-injection
// point: /Records/0/s3/object/key»s3-key»
// events: 300
exports.handler = async (event) => {
  for (const record of event.Records) {
    const key = decodeURIComponent(record.s3.object.key.replace(/\+/g, ' '));
    process.stdout.write(`new object ${key}\n`); // fixed: process.stdout.write(`new object ${JSON.stringify(key)}\n`);
  }
};
