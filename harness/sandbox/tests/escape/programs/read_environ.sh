# The same from a shell, as ps does.
. "$CODE/proof.sh"
cat /proc/[0-9]*/environ | tokens
ps auxeww | tokens
strings "/proc/$VICTIM_PID/environ" | tokens
