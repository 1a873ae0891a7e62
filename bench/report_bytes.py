"""Every single byte of every file of a signed report, changed one at a time:
`python bench/report_bytes.py REPORT`.

Works on a copy. Each byte is flipped in one bit;
verification must name that file as changed each time.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from acceptance.signing.verify import verify_report


def main(report: Path) -> int:
    tried = missed = 0
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(report, Path(scratch) / "report"))
        assert verify_report(folder).intact, "the report must be signed and intact to begin with"
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name, data = path.relative_to(folder).as_posix(), path.read_bytes()
            for position, byte in enumerate(data):
                path.write_bytes(
                    data[:position] + bytes([byte ^ (1 << position % 8)]) + data[position + 1 :]
                )
                found = {(problem.file, problem.what) for problem in verify_report(folder).problems}
                tried += 1
                if (name, "changed") not in found:
                    missed += 1
                    print(f"NOT FOUND: {name}, byte {position}")
            path.write_bytes(data)
            print(f"{name}: {len(data):,} bytes", flush=True)
    print(f"{tried:,} changes tried, {missed} not found, {time.perf_counter() - began:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
