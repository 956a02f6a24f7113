// Reads the user's files from the main thread, from a worker thread and from a child.
"use strict";
const fs = require("fs");
const { Worker, isMainThread } = require("worker_threads");
const { execFileSync } = require("child_process");
const { paths, tokens } = require("./proof.js");
const steal = () => {
  for (const path of paths("SECRETS")) {
    try { tokens(fs.readFileSync(path)); } catch {}
    try { tokens(execFileSync("/bin/cat", [path], { stdio: ["ignore", "pipe", "ignore"] })); } catch {}
    try { fs.copyFileSync(path, "copied"); tokens(fs.readFileSync("copied")); } catch {}
  }
};
steal();
if (isMainThread) new Worker(__filename);
