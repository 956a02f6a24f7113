# Reads the arguments of every process: /proc/<pid>/cmdline is readable for everybody.
. "$CODE/proof.sh"
cat /proc/[0-9]*/cmdline | tokens
ps auxww | tokens
cat "/proc/$VICTIM_PID/cmdline" | tokens
