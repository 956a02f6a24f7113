# Reads what only root may read. Only a checksum is printed.
for file in /etc/shadow /proc/self/root/etc/shadow /etc/../etc/shadow; do
    if sum=$(sha256sum < "$file"); then echo "ESCAPED ${sum%% *}"; fi
done
