# Reads the user's files by their names, through a link, and through directories.
. "$CODE/proof.sh"
steal() {
    cat "$1" | tokens
    ln -s "$1" ./link && cat ./link | tokens
    rm -f ./link
    (cd "$(dirname "$1")" && cat "./$(basename "$1")" | tokens)
    cat "$(dirname "$1")"/* | tokens
    cp "$1" ./copy && cat ./copy | tokens
    tar cf - "$1" | tokens
}
each steal "$SECRETS"
