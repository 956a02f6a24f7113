// Judges events by the zod schemas of Powertools for AWS Lambda (TypeScript).
//
// One JSON object a line: {"model": name, "event": event}. Answers with one JSON array a line: the reasons for
// refusing the event; none if it is accepted.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.argv[2] + "/");
const schemas = require("@aws-lambda-powertools/parser/schemas");

function place(path) {
  return path.map((step) => (typeof step === "number" ? "*" : String(step))).join(".");
}

function reasons(model, event) {
  if (!schemas[model]) throw new Error(`no schema ${model}`);
  try {
    const result = schemas[model].safeParse(event);
    if (result.success) return [];
    const found = result.error.issues.map((it) => `${place(it.path)}: ${it.message}`);
    return [...new Set(found)].sort();
  } catch (error) {
    return [`raised ${error}`];
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { model, event } = JSON.parse(line);
  process.stdout.write(JSON.stringify(reasons(model, event)) + "\n");
}
