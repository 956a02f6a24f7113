# Opens devices and holds them. None of those named here does anything by being opened.
import os
from proof import attempt, hold

FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
names = ["mem", "kmem", "port", "kmsg", "ptmx", "kvm", "net/tun", "fuse", "loop-control", "loop0", "vda", "sda", "dm-0",
         "nvme0n1", "mapper/control", "hwrng", "cpu/0/msr", "userfaultfd", "vhost-net", "tty", "tty0"]
held = [attempt(os.open, "/dev/" + it, FLAGS) for it in names]
held += [attempt(os.open, "/dev/" + it, os.O_RDWR | os.O_NONBLOCK) for it in ("ptmx", "net/tun", "fuse")]
hold()
