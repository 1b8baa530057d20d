"""Runs a command and prints its wall-clock seconds, its peak memory in bytes and its standard output, as JSON.

The peak is that of the largest process under this one, so nothing is imported here that makes this one large: a process
that is started begins with the peak of the one that starts it.
"""
import json
import resource
import subprocess
import sys
import time

start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)
seconds = time.perf_counter() - start
# Linux counts in KiB, macOS in bytes.
unit = 1 if sys.platform == "darwin" else 1024
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
print(json.dumps({"seconds": seconds, "peak": peak, "status": done.returncode, "output": done.stdout.decode()}))
