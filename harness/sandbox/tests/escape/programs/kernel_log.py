# Reads the kernel's log: addresses, devices, what other programs did (syslog(2)).
import ctypes
from proof import attempt

buffer = ctypes.create_string_buffer(1 << 20)
READ_ALL = 3
size = ctypes.CDLL(None).klogctl(READ_ALL, buffer, len(buffer))
lines = buffer.raw[:size].splitlines() if size > 0 else []
if not lines:
    lines = (attempt(lambda: open("/dev/kmsg", "rb", 0).read(8192)) or b"").splitlines()
if lines:
    print("ESCAPED", len(lines), "lines of the kernel's log")
