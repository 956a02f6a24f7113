# Plants links in scratch that the harness or a later function could follow.
. "$CODE/proof.sh"
plant() {
    number=$((number + 1))
    ln -s "$1" "planted-symlink-$number"
    ln "$1" "planted-hard-link-$number"
    ln -s "$(dirname "$1")" "planted-folder-$number"
    mkdir "planted-deep-$number" && ln -s "$(dirname "$1")" "planted-deep-$number/folder" && chmod 0 "planted-deep-$number"
    cat "planted-symlink-$number" "planted-hard-link-$number" | tokens
}
number=0
each plant "$SECRETS"
