# Leaves a process in a session of its own behind.
setsid sh -c 'echo HOLDING; sleep 20' "$MARK" &
exit 0
