"""What many servers of one customer cost:
`python -m bench.fleet [hosts…]` (50 and 200 where none are said).

CPU per host of judging stored evidence: the demo's web server, copied under as many names.
The cost per host must not grow with their number, and every finding must stand in the report.
"""

import json
import sys
import tempfile
from pathlib import Path

import yaml

from bench.start import PYTEST, cpu

DEMO = Path(__file__).parents[1] / "simulator" / "demo.yaml"
AT_MOST = 0.1  # seconds of CPU per host


def inventory(hosts: list[str], address: str) -> str:
    """The demo's customer under another name, with so many web servers,
    all of them where the evidence was taken."""
    customer = yaml.safe_load(DEMO.read_text(encoding="utf-8"))["customers"]["demo"]
    web = customer["hosts"]["web01"]
    web["connection"]["port"] = int(address.rpartition(":")[2])
    customer["hosts"] = dict.fromkeys(hosts, web)
    return json.dumps(
        {"customers": {"fleet": customer}}, indent=1
    )  # which is YAML, without aliases


def copied(evidence: Path, folder: Path, hosts: list[str]) -> str:
    """The demo's evidence of web01 as that of every host. The address that it is of."""
    folder.mkdir()
    data = json.loads((evidence / "web01.json").read_text(encoding="utf-8"))
    for name in hosts:
        own = data | {"customer": "fleet", "host": name, "simulated": False}
        (folder / f"{name}.json").write_text(json.dumps(own), encoding="utf-8")
    return str(data["reached"]["address"])


def measure(number: int, evidence: Path, place: Path) -> str:
    hosts = [f"web{one:03}" for one in range(number)]
    folder = place / f"{number}"
    folder.mkdir()
    address = copied(evidence, folder / "evidence", hosts)
    (folder / "hosts.yaml").write_text(inventory(hosts, address), encoding="utf-8")
    report = folder / "report"
    options = [f"--evidence={folder / 'evidence'}", f"--report-dir={report}", "--hosts=fleet"]
    seconds = cpu([*PYTEST, *options], folder)
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    counts = {kind: count for kind, count in results["counts"].items() if count}
    size = (report / "report.html").stat().st_size / 1e6
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    return f"| {number} | {seconds:.1f} s | {seconds / number:.3f} s | {size:.1f} MB | {told} |"


def main() -> None:
    numbers = [int(one) for one in sys.argv[1:]] or [50, 200]
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        cpu([*PYTEST, f"--report-dir={place / 'demo'}", "--hosts=demo"], place)
        print(f"at most {AT_MOST} s of CPU per host\n")
        print("| hosts | CPU | per host | page | findings |\n| --- | --- | --- | --- | --- |")
        for number in numbers:
            print(measure(number, place / "demo" / "evidence", place), flush=True)


if __name__ == "__main__":
    main()
