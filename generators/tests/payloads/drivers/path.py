"""Texts that become file paths. Fired: what the canary file holds came back."""

import io
import os
import pathlib
import posixpath
import shutil
import tarfile
import urllib.request

from cells import run

BASE = os.path.join(os.getcwd(), "data")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def opens(path_of):
    return lambda cell: read(path_of(cell["text"]))


def refusing(text):
    if text.startswith(("/", ".")):
        raise ValueError("must be a plain name")
    return os.path.normpath(os.path.join(BASE, text))


def checked_first(text):
    if "../" in text or text.startswith("/"):
        raise ValueError("leaves the folder")
    return os.path.join(BASE, text.replace("\\", "/"))


def within(text):
    path = os.path.realpath(os.path.join(BASE, text))
    if not path.startswith(os.path.realpath(BASE) + os.sep):
        raise ValueError("leaves the folder")
    return path


def url(cell):
    return urllib.request.urlopen(cell["text"], timeout=5).read().decode()


def copied(cell):
    shutil.copyfile(os.path.join(BASE, cell["text"]), "copy")
    return read("copy")


def linked(cell):
    """The name of a link in an archive decides what is read after it was unpacked."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        entry = tarfile.TarInfo("entry")
        entry.type, entry.linkname = tarfile.SYMTYPE, cell["text"]
        archive.addfile(entry)
    data.seek(0)
    target = os.path.join(BASE, "unpacked-" + cell["nonce"])
    with tarfile.open(fileobj=data) as archive:
        archive.extractall(target)
    return read(os.path.join(target, "entry"))


def contexts():
    os.makedirs(BASE, exist_ok=True)
    return {
        "open(@)": opens(lambda text: text),
        "open('data/' + @)": opens(lambda text: BASE + "/" + text),
        "os.path.join(base, @)": opens(lambda text: os.path.join(BASE, text)),
        "pathlib base / @": opens(lambda text: pathlib.Path(BASE) / text),
        "posixpath.normpath": opens(lambda text: posixpath.normpath(BASE + "/" + text)),
        "'../' removed once": opens(lambda text: BASE + "/" + text.replace("../", "")),
        "plain name, then normalized": opens(refusing),
        "checked, then backslashes": opens(checked_first),
        "lstrip('/')": opens(lambda text: os.path.join(BASE, text.lstrip("/"))),
        "shutil.copyfile": copied,
        "name of a link in a tar": linked,
        "urlopen(@)": url,
        "safe: basename": opens(lambda text: os.path.join(BASE, os.path.basename(text))),
        "safe: realpath within": opens(within),
    }


run({"path-traversal": contexts})
