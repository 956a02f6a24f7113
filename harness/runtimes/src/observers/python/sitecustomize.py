# Observer for Python: tells the harness what the function's process does with texts from its event.
#
# Found by PYTHONPATH before anything of the function's, with any Runtime API client; what it shadows is loaded in its
# place. It only observes: audit hooks (PEP 578) cannot change what they are told of, and this one never raises. A
# record is one JSON text, sent as one message of a packet socket that never waits; nothing is sent that does not hold
# a word like a nonce. Decisions are made by who reads the records.


def _observe():
    import os
    import sys

    variable = "EVFUZZ_OBSERVER"
    named = os.environ.pop(variable, "")
    here = os.path.dirname(os.path.abspath(__file__))
    # Neither this process nor its children are to see how it is observed.
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    rest = os.pathsep.join(path for path in paths if path != here)
    if rest:
        os.environ["PYTHONPATH"] = rest
    else:
        os.environ.pop("PYTHONPATH", None)
    import evfuzz_drivers as drivers

    del sys.modules["evfuzz_drivers"]
    sys.path[:] = [path for path in sys.path if path != here]
    number, _, inode = named.partition(":")
    if number.isdigit() and inode.isdigit() and os.fstat(int(number)).st_ino == int(inode):
        os.set_inheritable(int(number), False)
        sys.addaudithook(_hook(int(number), int(inode), drivers))


def _hook(number, inode, drivers):
    # A function may replace what is global, so all that runs later is taken now.
    import json
    import re
    from _thread import get_ident
    from os import fstat, fsdecode, write
    from sys import _getframe

    # A nonce (generators, nonce.rs) among other characters.
    word = re.compile("ev[0-9a-z]{8}").search
    # The port of a canary address (generators, payload/effect.rs).
    canary_port = re.compile(r":(?:1[6-9]|2\d|3[0-2])\d{3}(?!\d)").search
    encode = json.JSONEncoder().encode
    # What a record may hold of one text; longer ones are counted only.
    longest = 64 * 1024
    most_frames = 50
    state = {"lost": 0}
    # By thread: the text that was compiled last, and its file.
    compiled = {}

    def text_of(value):
        if isinstance(value, (bytes, bytearray)):
            value = bytes(value).decode("utf-8", "replace")
        elif not isinstance(value, str):
            try:
                value = fsdecode(value)
            except TypeError:
                return ""
        if len(value) > longest:
            state["lost"] += 1
            return ""
        return value.encode("utf-8", "replace").decode("utf-8")

    def stack():
        # Outermost first, as Python prints it.
        frame = _getframe(3)
        lines = []
        while frame is not None and len(lines) < most_frames:
            code = frame.f_code
            lines.append('  File "%s", line %s, in %s' % (code.co_filename, frame.f_lineno, code.co_name))
            frame = frame.f_back
        return lines[::-1]

    def tell(**record):
        record["stack"] = stack()
        if state["lost"]:
            record["lost"] = state["lost"]
        try:
            # A function may have closed the descriptor and opened another one there.
            if fstat(number).st_ino == inode:
                write(number, encode(record).encode("ascii"))
                state["lost"] = 0
        except OSError:
            # It is full, or the record is too long for it.
            state["lost"] += 1

    def compiles(source, filename=None):
        thread = get_ident()
        compiled.pop(thread, None)
        # `ast.literal_eval` compiles a tree of "<unknown>" and evaluates nothing.
        if source is None or filename in ("<unknown>", b"<unknown>"):
            return
        text = text_of(source)
        if not word(text):
            return
        # `eval` and `exec` compile what they are to evaluate, even if it turns out to be no source text. What somebody else
        # compiles is evaluated only if that is seen.
        names = _getframe(2).f_code.co_names
        if "compile" not in names and ("eval" in names or "exec" in names):
            tell(kind="source", language="python", text=text, parsed=False)
        else:
            compiled[thread] = (text, text_of(filename))

    def executes(code):
        text, filename = compiled.pop(get_ident(), (None, None))
        if text is not None and code.co_filename == filename:
            tell(kind="source", language="python", text=text, parsed=True)

    def starts(program, words, shell=False):
        if isinstance(words, (str, bytes)) or not hasattr(words, "__iter__"):
            words = [words]
        args = [text_of(it) for it in words]
        file = text_of(program) if program is not None else (args[0] if args else "")
        if word(file) or any(word(it) for it in args):
            tell(kind="spawn", file=file, args=args, shell=shell)

    def popen(program, args, *_):
        starts(program, args)

    def system(command):
        starts("/bin/sh", ["-c", command], True)

    def execs(path, args, *_):
        starts(path, args)

    def opens(path, *_):
        # Descriptors are numbers.
        if isinstance(path, (str, bytes)):
            text = text_of(path)
            if word(text):
                tell(kind="opened", path=text)

    def moves(path, to, *_):
        opens(path)
        opens(to)

    def asks(url):
        if word(url) or canary_port(url):
            tell(kind="asked", url=url)

    def requests(url, *_):
        asks(text_of(url))

    def request_line():
        # The request that a connection is made for: it is sent when there is one, so only these libraries' frames know it.
        # Frames of the function's are not looked into, which could be noticed.
        frame = _getframe(4)
        for _ in range(16):
            if frame is None:
                break
            code = frame.f_code
            if code.co_name == "send" and code.co_filename.endswith("http/client.py"):
                data = frame.f_locals.get("data")
                return " " + text_of(data[:longest].partition(b"\r\n")[0]) if isinstance(data, bytes) else ""
            if code.co_name == "urlopen" and code.co_filename.endswith("urllib3/connectionpool.py"):
                url = frame.f_locals.get("url")
                return " " + text_of(url) if isinstance(url, str) else ""
            frame = frame.f_back
        return ""

    def connects(_socket, address):
        # Of the other families none has a host.
        if isinstance(address, tuple) and len(address) >= 2:
            asks("%s:%s%s" % (text_of(address[0]), address[1], request_line()))

    def resolves(host, port, *_):
        if host is not None:
            asks("%s:%s%s" % (text_of(host), port, request_line()))

    def finds(module, name):
        if word("%s.%s" % (module, name)):
            tell(kind="find-class", module=text_of(module), name=text_of(name))

    def miss():
        state["lost"] += 1

    looks = {
        "compile": compiles,
        "exec": executes,
        "open": opens,
        "os.exec": execs,
        "os.link": moves,
        "os.listdir": opens,
        "os.mkdir": opens,
        "os.posix_spawn": execs,
        "os.remove": opens,
        "os.rename": moves,
        "os.rmdir": opens,
        "os.scandir": opens,
        "os.symlink": moves,
        "os.system": system,
        "os.truncate": opens,
        "pickle.find_class": finds,
        "socket.connect": connects,
        "socket.getaddrinfo": resolves,
        "sqlite3.connect": drivers.watch(word, text_of, tell, encode, miss),
        "subprocess.Popen": popen,
        "urllib.Request": requests,
    }.get

    def hook(event, args):
        look = looks(event)
        if look is None:
            return
        try:
            look(*args)
        except Exception:
            state["lost"] += 1

    return hook


def _chain():
    import importlib.machinery
    import importlib.util
    import sys

    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    # Whoever imports it again gets it, not us.
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


try:
    _observe()
except Exception:
    # Unobserved: what is not told is not found, and nothing else changes.
    pass
_chain()
