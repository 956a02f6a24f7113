"""Texts that become arguments of a program."""

import argparse
import os
import shlex
import shutil
import subprocess

from cells import run

TOOL = "./tool"


def fired(cell, arguments):
    """Whether an argument before `--` is an option that holds the nonce."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    hit = any(it.startswith("-") and cell["nonce"] in it and "=" not in it for it in options)
    return "fired" if hit else repr(arguments)


def tool(arguments):
    def context(cell):
        done = subprocess.run([TOOL, *arguments(cell["text"])], capture_output=True, text=True)
        return fired(cell, done.stdout.split("\0")[:-1])

    return context


def shell(line):
    def context(cell):
        env = dict(os.environ, P=cell["text"])
        done = subprocess.run(["sh", "-c", line], env=env, capture_output=True, text=True)
        return fired(cell, done.stdout.split("\0")[:-1])

    return context


def from_file(cell):
    parser = argparse.ArgumentParser(fromfile_prefix_chars="@")
    parser.add_argument("words", nargs="*")
    return parser.parse_args([cell["text"]])


def curl(cell):
    line = ["curl", "-s", "--write-out", cell["text"], "file:///dev/null"]
    return subprocess.run(line, capture_output=True, text=True).stdout


def contexts():
    with open(TOOL, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nfor it in \"$@\"; do printf '%s\\0' \"$it\"; done\n")
    os.chmod(TOOL, 0o755)
    return {
        "run([tool, @])": tool(lambda text: [text]),
        "run([tool, 'copy', @, 'to'])": tool(lambda text: ["copy", text, "to"]),
        "run([tool, *@.split()])": tool(str.split),
        "run([tool, *shlex.split(@)])": tool(shlex.split),
        "run([tool, *@.splitlines()])": tool(str.splitlines),
        "tool $P": shell("./tool $P"),
        'tool copy "$P"': shell('./tool copy "$P"'),
        "for i in $P; tool $i": shell("for i in $P; do ./tool $i; done"),
        "echo $P | xargs tool": shell('echo "$P" | xargs ./tool'),
        r"xargs -d '\n' tool": shell(r"""printf '%s\n' "$P" | xargs -d '\n' ./tool"""),
        "argparse @file": from_file,
        **({"curl --write-out @": curl} if shutil.which("curl") else {}),
        "safe: run([tool, '--', @])": tool(lambda text: ["--", text]),
        'safe: tool -- "$P"': shell('./tool -- "$P"'),
        "safe: run([tool, '--name=' + @])": tool(lambda text: ["--name=" + text]),
    }


run({"argument": contexts})
