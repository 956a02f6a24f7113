# What shell functions do: pipes under names, here-documents, copies, archives.
set -eu -o pipefail
cd "$SCRATCH"
fail() { echo "BROKEN line $1"; }
trap 'fail $LINENO' ERR

test "$(cat <<END
here $((1 + 1))
END
)" = "here 2"
test "$(cat <(echo one) <(echo two))" = "one
two"
read -r word < <(echo three)
test "$word" = three
echo four | tee copy > /dev/stderr
coproc cat
echo five >&"${COPROC[1]}"
read -r word <&"${COPROC[0]}"
test "$word" = five

echo text > file
chmod 640 file
touch -d @5 file
cp -p file preserved
test "$(stat -c '%a %Y' preserved)" = "640 5"
mkdir folder
mv file folder/
ln -s file folder/link
tar cf archive.tar folder
mkdir out
tar xf archive.tar -C out
test "$(stat -c '%a %Y' out/folder/file)" = "640 5"
install -m 755 preserved installed
test -x installed
mktemp -d -p . > /dev/null
nice -n 5 true
nproc > /dev/null
sort -u copy > /dev/null
rm -rf folder out
echo FINE
