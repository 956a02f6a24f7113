# Does nothing, but for longer than it may live.
sleep 2
echo HOLDING
sleep 10
