// Connects to another port of this machine.
"use strict";
require("./proof.js");
const net = require("net");
for (const host of ["127.0.0.1", "localhost", "0.0.0.0", "::ffff:127.0.0.1"])
  net.connect({ host, port: +process.env.TCP4 }).on("error", () => {}).on("connect", function () { this.destroy(); });
