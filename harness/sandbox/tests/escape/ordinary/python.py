# What Python functions do: temporary files, copies with modes and times, processes, threads.
import asyncio
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import threading

SCRATCH = os.environ["SCRATCH"]


def at(name):
    return os.path.join(SCRATCH, name)


def answer(pipe):
    pipe.send("answer")


def files():
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"text")
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "source")
        os.mkdir(source)
        name = os.path.join(source, "file")
        with open(name, "w") as file:
            file.write("text")
        os.chmod(name, 0o600)
        os.utime(name, (5, 6))
        os.symlink("file", os.path.join(source, "link"))
        shutil.copytree(source, at("copy"), symlinks=True)
    found = os.stat(at("copy/file"))
    assert (found.st_mode & 0o777, found.st_mtime) == (0o600, 6), found

    with open(at("file"), "w") as file:
        os.fchmod(file.fileno(), 0o611)
        os.utime(file.fileno(), (7, 8))
    found = os.stat(at("file"))
    assert (found.st_mode & 0o777, found.st_mtime) == (0o611, 8), found
    folder = os.open(SCRATCH, os.O_RDONLY)
    os.utime("file", (1, 2), dir_fd=folder)
    os.chmod("file", 0o700, dir_fd=folder)
    found = os.stat(at("file"))
    assert (found.st_mode & 0o777, found.st_mtime) == (0o700, 2), found
    os.chown(at("file"), os.getuid(), os.getgid())
    try:
        os.setxattr(at("file"), "user.key", b"value")
        assert os.getxattr(at("file"), "user.key") == b"value"
        os.removexattr(at("file"), "user.key")
        assert os.listxattr(at("file")) == []
    except OSError as error:
        # Not every file system has them.
        assert error.errno == 95, error


def processes():
    done = subprocess.run(["sh", "-c", "echo out; echo err >&2"], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("out\n", "err\n"), done
    for way in ("spawn", "fork"):
        context = multiprocessing.get_context(way)
        mine, childs = context.Pipe()
        process = context.Process(target=answer, args=(childs,))
        process.start()
        assert mine.recv() == "answer"
        process.join()
        assert process.exitcode == 0
    if os.environ["LAYER"] == "1":
        # Shared memory with a name belongs to the machine; as in Lambda, which has no /dev/shm.
        try:
            multiprocessing.Lock()
            raise AssertionError("a semaphore in shared memory")
        except OSError as error:
            assert isinstance(error, PermissionError), error

    async def inner():
        process = await asyncio.create_subprocess_exec("true")
        return await process.wait()
    assert asyncio.run(inner()) == 0


def machine():
    processors = os.sched_getaffinity(0)
    for who in (0, os.getpid(), threading.get_native_id()):
        os.sched_setaffinity(who, processors)
    own = threading.Thread(target=lambda: os.sched_setaffinity(threading.get_native_id(), processors))
    own.start()
    own.join()
    assert os.nice(1) >= 1
    assert os.cpu_count() and os.getloadavg()
    assert open("/proc/self/status").readline().startswith("Name:")


if __name__ == "__main__":
    files()
    processes()
    machine()
    sys.stdout.write("FINE\n")
