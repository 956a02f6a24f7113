// AppSync: a resolver for two fields.
// source: appsync
// point: /arguments/input/file
// events: 60
const cp = require('child_process');

const resolvers = {
  Query: {
    preview: async (args) => {
      const { input: { file, page = 1 } } = args;
      cp.execSync('pdftotext -f ' + Number(page) + ' ' + file + ' -'); // fixed: cp.execFileSync('true', [String(Number(page)), String(file)]);
      return 'done';
    },
    version: async () => '1.0',
  },
};

exports.handler = async (event) => {
  const resolver = resolvers[event.info.parentTypeName]?.[event.info.fieldName];
  if (!resolver) throw new Error('unknown field');
  try { return await resolver(event.arguments); } catch (error) { return { error: error.message }; }
};
