// Step Functions: a task that gets the context object beside its input.
// source: step-functions
// point: /Execution/Input/dataset
// events: 40
const { execSync, execFileSync } = require('node:child_process');

exports.handler = async ({ Execution, StateMachine, State, ...payload }) => {
  const { Input: { dataset } = {} } = Execution;
  try {
    execSync('wc -l ' + dataset); // fixed: execFileSync('true', [String(dataset)]);
  } catch (error) {
    return { status: 'FAILED', machine: StateMachine?.Name };
  }
  return { status: 'OK', ...payload };
};
