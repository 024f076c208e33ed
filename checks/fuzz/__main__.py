"""`python -m checks.fuzz`: every target for some minutes; exit code 1 and a kept case at a crash."""

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
import time

from checks.fuzz.blind import CRASHES, fuzz
from checks.fuzz.targets import TARGETS


def main() -> None:
    """Half of the time by strategies, half guided by coverage where atheris is installed."""
    parser = argparse.ArgumentParser(prog="python -m checks.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for all targets together (10)")
    parser.add_argument("--target", choices=TARGETS, help="this one alone")
    asked = parser.parse_args()
    names = [asked.target] if asked.target else list(TARGETS)
    guided = importlib.util.find_spec("atheris") is not None
    if not guided:
        print("atheris isn't installed: strategies only (pip install atheris brings it)")
    seconds = 60 * asked.minutes / len(names) / (1 + guided)
    for name in names:
        count = fuzz(name, seconds, int(time.time()))
        print(f"{name}: {count} inputs by strategy, no crash", flush=True)
        if guided:
            _guide(name, int(seconds))


def _guide(name, seconds):
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "checks.fuzz.guided", name, folder]
        command += [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=3000"]
        command += ["-max_len=20000", f"-artifact_prefix={CRASHES}/{name}-", "-print_final_stats=1"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        [count] = re.findall(r"number_of_executed_units: *(\d+)", done.stderr)
        print(f"{name}: {count} inputs guided by coverage, no crash", flush=True)


if __name__ == "__main__":
    main()
