# How the hostile shell programs prove an escape: secrets in what is read from standard input.
tokens() {
    tr -c 'a-z0-9-' '\n' 2>/dev/null | grep -a "^evfuzz-""secret-" | sed 's/^/ESCAPED /'
}
# Calls a function with every part of a list of paths.
each() {
    for path in $(echo "$2" | tr : ' '); do "$1" "$path"; done
}
