"""Runs one shape with one peer, in the peer's own environment: called by `side_by_side.py`.

`one.py PEER WORKLOAD N SECONDS` builds and runs it repeatedly for that time, and prints the duration of each. With 0
seconds it is run once, to measure the peak memory of the process.
"""

import gc
import importlib
import json
import resource
import sys
import time

import shapes


def main():
    name, workload, n, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    sys.setrecursionlimit(100_000)  # adage queries a node's parents, and applies rules, by recursion
    peer = importlib.import_module(f"with_{name}")
    builds, runs = [], []
    until = time.monotonic() + seconds
    while not runs or (time.monotonic() + runs[-1] < until and len(runs) < 50):
        gc.collect()
        start = time.perf_counter()
        built = peer.build(workload, n)
        middle = time.perf_counter()
        result = peer.run(built)
        end = time.perf_counter()
        if result != shapes.expected(workload, n):
            sys.exit(f"{name} came to {result} in {workload} of {n}, and not to {shapes.expected(workload, n)}")
        builds.append(middle - start)
        runs.append(end - middle)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"builds": builds, "runs": runs, "peak": peak}))


if __name__ == "__main__":
    main()
