# Opens settings of the kernel for writing, and holds them; nothing is written.
import glob
import os
from proof import attempt, hold

names = ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/randomize_va_space",
         "/proc/sys/vm/drop_caches", "/proc/sys/fs/protected_symlinks", "/proc/sys/net/ipv4/ip_forward",
         "/proc/sysrq-trigger", "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/kernel/mm/transparent_hugepage/enabled",
         "/proc/sys/fs/binfmt_misc/register", "/proc/irq/default_smp_affinity"]
names += glob.glob("/sys/module/*/parameters/*")[:50] + glob.glob("/sys/fs/cgroup/*/release_agent")
held = [attempt(os.open, it, os.O_WRONLY | os.O_NONBLOCK) for it in names]
hold()
