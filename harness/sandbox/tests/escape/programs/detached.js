// Starts children that outlive their parent, as build tools and browsers do.
"use strict";
const { spawn, exec } = require("child_process");
const { MARK } = process.env;
for (let number = 0; number < 3; number++)
  spawn("/bin/sh", ["-c", "trap '' TERM HUP INT; sleep 20; :", MARK], { detached: true, stdio: "ignore" }).unref();
exec(`nohup setsid sh -c 'sleep 20; :' ${MARK} > /dev/null 2>&1 &`, () => {
  console.log("HOLDING");
  process.exit(0);
});
