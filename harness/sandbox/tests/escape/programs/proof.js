// How the hostile Node programs prove an escape, and their end after 20 seconds.
"use strict";
setTimeout(() => process.exit(0), 20_000).unref();

// Prints all secrets found in `data`.
exports.tokens = (data) => {
  for (const token of String(data).match(new RegExp("evfuzz-" + "secret-[a-z0-9-]+", "g")) ?? [])
    console.log("ESCAPED", token);
};
exports.paths = (name) => (process.env[name] ?? "").split(":").filter((it) => it);
