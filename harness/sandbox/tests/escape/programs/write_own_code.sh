# Changes its own code, which other functions share.
echo changed >> "$CODE/shared.txt"
chmod 777 "$CODE/shared.txt"
rm -f "$CODE/shared.txt"
: > "$CODE/new"
