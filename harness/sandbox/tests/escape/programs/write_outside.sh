# Overwrites, creates, removes and moves outside of scratch.
overwrite() {
    echo overwritten > "$1"
    echo overwritten > "../../../../../../../../../../..$1"
    ln -s "$1" ./link && echo overwritten > ./link
    echo overwritten | dd of="$1" conv=notrunc
    cp /etc/passwd "$1"
}
make() {
    : > "$1/made" ; mkdir "$1/made-folder" ; ln -s / "$1/made-link" ; mkfifo "$1/made-fifo"
    echo moved > ./moved && mv ./moved "$1/moved"
    rm -f "$1/target"
    mv "$1/secret" "$1/renamed"
}
. "$CODE/proof.sh"
each overwrite "$TARGETS"
each make "$OUTSIDE"
