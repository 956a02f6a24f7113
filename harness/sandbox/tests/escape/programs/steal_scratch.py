# Reads what another worker keeps in its scratch directory.
import os
from proof import attempt, number, paths, read

folders = paths("SIBLING_SCRATCH") + [os.path.join(os.environ["SCRATCH"], "..", it)
                                      for it in attempt(os.listdir, os.environ["SCRATCH"] + "/..") or []]
for folder in folders + [f"/proc/{number('SIBLING_PID')}/cwd", f"/proc/{number('SIBLING_PID')}/root/tmp"]:
    read(os.path.join(folder, "sibling-secret"))
    attempt(lambda at: open(os.path.join(at, "planted"), "w").close(), folder)
