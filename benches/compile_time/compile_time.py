"""The compile time of the macros: `python3 benches/compile_time/compile_time.py`.

200 functions and 50 bodies of rules are compiled with and without the macros, repeatedly and in turns, each time with
only the dependencies already built. `--times N` sets the number of repetitions, `--only NAME ..` selects programs.
"""

import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

from program import program

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PLACE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "compile_time"

# The compiled programs: the text, and whether it needs the library.
PROGRAMS = {
    "nothing": (lambda: "pub use dagcore::Workflow;\n\npub fn one() -> i64 {\n    let mut score = 1_i64;\n    score += 1;\n    score\n}\n", True),
    "functions": (lambda: program(macros=False), False),
    "called": (lambda: program(macros=False, called=True), False),
    "stages": (lambda: program(macros=True, rules_too=False), True),
    "macros": (lambda: program(macros=True), True),
}

MANIFEST = """[package]
name = "generated_{name}"
version = "0.0.0"
edition = "2024"

[lib]
path = "lib.rs"

[dependencies]
{dependency}

[workspace]
"""


def write(name):
    """Writes the package, ready to be built."""
    text, needs_library = PROGRAMS[name]
    folder = PLACE / name
    folder.mkdir(parents=True, exist_ok=True)
    dependency = f'dagcore = {{ path = "{ROOT / "dagcore"}" }}' if needs_library else ""
    (folder / "Cargo.toml").write_text(MANIFEST.format(name=name, dependency=dependency))
    (folder / "lib.rs").write_text(text())
    shutil.copy(ROOT / "Cargo.lock", folder / "Cargo.lock")


def cargo(command, name):
    """Returns the elapsed time, and the CPU time of all cores together, in seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    arguments = ["cargo", command, "--quiet", "--offline", "--manifest-path", PLACE / name / "Cargo.toml"]
    environment = {**os.environ, "CARGO_TARGET_DIR": str(PLACE / "target"), "CARGO_INCREMENTAL": "1"}
    ran = subprocess.run(arguments, env=environment, capture_output=True, text=True)
    if ran.returncode or ran.stderr:
        sys.exit(ran.stderr)
    took, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def forget(name):
    """Removes all build artifacts of the program itself."""
    for folder in (PLACE / "target" / "debug" / part for part in ("incremental", "deps", ".fingerprint")):
        for left in folder.glob(f"*generated_{name}*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def edit(name, time_of):
    """Changes one number in the middle of one function."""
    file = PLACE / name / "lib.rs"
    text = file.read_text()
    place = text.index("let mut score = ", len(text) // 3) + len("let mut score = ")
    file.write_text(text[:place] + f"{time_of + 2}" + text[text.index("_i64", place):])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5, help="how often each is built")
    parser.add_argument("--only", nargs="*", choices=PROGRAMS, default=list(PROGRAMS), help="which programs")
    options = parser.parse_args()

    shutil.rmtree(PLACE / "target", ignore_errors=True)
    for name in options.only:
        write(name)
    dependencies = {}
    for command in ("check", "build"):
        write("nothing")
        dependencies[command] = cargo(command, "nothing")
    samples = {}
    for turn in range(options.times + 1):
        for command in ("check", "build"):
            for name in options.only:
                forget(name)
                whole = cargo(command, name)
                edit(name, turn)
                again = cargo(command, name)[0]
                if turn > 0:  # the first turn is a warm-up
                    samples.setdefault((command, name), []).append((*whole, again))

    for command, (clock, cores) in dependencies.items():
        print(f"dagcore and what it depends on, cargo {command}: {clock:.1f} s, {cores:.1f} s of all cores together")
    print(f"\nin seconds, the best of {options.times} and the median; `cores`: of all cores together")
    head = ["lines", "whole", "cores", "one edit", "to functions", "to called"]
    print(f"{'':<7}{'program':<11}" + "".join(f"{title:>13}" for title in head))
    for command in ("check", "build"):
        best = {name: summed_up(samples[command, name]) for name in options.only}
        for name, (clock, cores, again) in best.items():
            lines = str(len((PLACE / name / "lib.rs").read_text().splitlines()))
            ratios = [pair([a / b for a, b in zip(cores, best[base][1])]) if base in best else ""
                      for base in ("functions", "called")]
            row = [lines, pair(clock), pair(cores), pair(again), *ratios]
            print(f"{command:<7}{name:<11}" + "".join(f"{cell:>13}" for cell in row))


def summed_up(samples):
    """Returns the best and the median of each column."""
    return [(min(column), statistics.median(column)) for column in zip(*samples)]


def pair(values):
    return "/".join(f"{value:.2f}" for value in values)


if __name__ == "__main__":
    main()
