"""The hosted machine of .github/workflows/windows.yml and its twin: described and expected once.

python -m tests.windows.hosted database              the T-SQL that sets up what the SQL twin has
python -m tests.windows.hosted inventory WAY         hosts.yaml for a way of expected.yaml
python -m tests.windows.hosted break 3 FOLDER        what breaks number 3, as files; `mend` undoes
python -m tests.windows.hosted expect WAY RESULTS [3]  ends with 1 where the findings differ
"""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from acceptance.simulator.sqlserver.state import Database, Table, table_key
from acceptance.simulator.sqlserver.state import Twin as SqlTwin
from acceptance.simulator.sqlserver.state import load_twin as load_sql_twin
from acceptance.simulator.windows.twin import Twin, load_twin

HERE = Path(__file__).parent
CONFIG = r"C:\Windows\System32\inetsrv\config\applicationHost.config"
SYSTEM = ("master", "tempdb", "model", "msdb")


def read(name: str) -> Any:
    """One of this folder's YAML files."""
    return yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))


BREAKS: list[dict[str, Any]] = read("breaks")


def windows_twin(broken: Mapping[str, Any] | None = None) -> Twin:
    """The hosted machine's Windows, with one thing broken."""
    twin = load_twin("server2019-workgroup")
    for change in (read("twin")["windows"], (broken or {}).get("windows", {})):
        for name, value in change.items():
            setattr(twin, name, merged(getattr(twin, name), value))
    if broken and "replace" in broken:
        old, new = broken["replace"]
        if twin.files[CONFIG].count(old) != 1:
            raise ValueError(f"{old!r} stands {twin.files[CONFIG].count(old)} times in {CONFIG}")
        twin.files[CONFIG] = twin.files[CONFIG].replace(old, new)
    return twin


def sql_twin(broken: Mapping[str, Any] | None = None) -> SqlTwin:
    """The hosted machine's SQL Server: Synergy only, and nothing of a domain."""
    data = load_sql_twin("sql-compliant").model_dump()
    data["windows"] = {"users": {}, "groups": {}}
    data["logins"] = {name: one for name, one in data["logins"].items() if "\\" not in name}
    data["logins"].pop("sa")
    data["databases"] = {"Synergy": data["databases"]["Synergy"]}
    users = data["databases"]["Synergy"]["users"]
    data["databases"]["Synergy"]["users"] = {"BACO": users["BACO"]}
    for change in (read("twin")["sql"], (broken or {}).get("twin_sql", {})):
        data = merged(data, change)
    for wanted in (broken or {}).get("twin_rows", []):
        rows = data["databases"]["Synergy"]["tables"][wanted["table"]]["rows"]
        (row,) = [one for one in rows if one[wanted["key"]] == wanted["is"]]
        row |= wanted["set"]
    return SqlTwin.model_validate(data)


def merged(old: Any, new: Any) -> Any:
    """`new` over `old`: mappings are merged, everything else is replaced."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return old | {key: merged(old.get(key), value) for key, value in new.items()}


def statements(twin: SqlTwin) -> Iterator[str]:
    """What makes a new SQL Server have what the twin has, in batches. Passwords and the machine's
    name are sqlcmd's variables."""
    for name, login in twin.logins.items():
        if name == "sa":
            continue
        checked = f"CHECK_POLICY = {'ON' if login.policy_checked else 'OFF'}"
        yield f"CREATE LOGIN {quoted(name)} WITH PASSWORD = N'$(password)', {checked}"
        yield from (f"ALTER SERVER ROLE {one} ADD MEMBER {quoted(name)}" for one in login.roles)
    yield r"CREATE LOGIN [$(computer)\svc-clickker] FROM WINDOWS"
    yield r"ALTER SERVER ROLE sysadmin ADD MEMBER [$(computer)\svc-clickker]"
    for name, database in twin.databases.items():
        if name not in SYSTEM:
            yield f"CREATE DATABASE {quoted(name)} COLLATE {database.collation}"
            yield f"USE {quoted(name)}"
            yield from _inside(database)


def _inside(database: Database) -> Iterator[str]:
    for name, user in database.users.items():
        yield f"CREATE USER {quoted(name)} FOR LOGIN {quoted(name)}"
        yield from (f"ALTER ROLE {role} ADD MEMBER {quoted(name)}" for role in user.roles)
    for key, table in database.tables.items():
        yield from _table(".".join(quoted(part) for part in table_key(key)), table)


def _table(name: str, table: Table) -> Iterator[str]:
    columns = [f"{quoted(column)} {kind} NULL" for column, kind in table.columns.items()]
    yield f"CREATE TABLE {name} ({', '.join(columns)})"
    for row in table.rows:
        names = ", ".join(quoted(column) for column in row)
        yield f"INSERT INTO {name} ({names}) VALUES ({', '.join(map(literal, row.values()))})"


def quoted(name: str) -> str:
    return f"[{name.replace(']', ']]')}]"


def literal(value: Any) -> str:
    """A constant of T-SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, date | datetime):
        return f"'{value:%Y%m%d}'"
    if isinstance(value, int | float):
        return str(value)
    return "N'" + str(value).replace("'", "''") + "'"


def inventory(way: str) -> str:
    """hosts.yaml for one way in."""
    data = read("hosts")
    host = data["customers"]["hosted"]["hosts"]["web01"]
    address = {"address": host["connection"]["address"]}
    if way == "http":
        host["connection"]["scheme"] = "http"
        del host["connection"]["ca_file"]
    if way in ("script", "local"):
        host["connection"] = {"backend": way, **address}
    if way == "ssh":
        # A relative path of ssh's own is one from where the run starts.
        options = {"UserKnownHostsFile": "tests/windows/hosted-known"}
        host["connection"] = {"backend": "ssh", **address, "username": "acceptance"}
        host["connection"] |= {"identity_file": "hosted-key", "options": options}
    if way == "through":
        host["sql"]["through"] = "web01"
        del host["sql"]["ca_file"]  # SqlClient has the machine's own store
    return yaml.safe_dump(data, sort_keys=False)


def database_script() -> str:
    return "".join(f"{one};\nGO\n" for one in statements(sql_twin()))


def write_break(number: int, folder: Path, *, mend: bool) -> None:
    """What Invoke-Break.ps1 reads: a command, or statements."""
    one = BREAKS[number]
    folder.mkdir(parents=True, exist_ok=True)
    for key, name in (("command", "command.ps1"), ("sql", "statements.sql")):
        wanted = {"command": "mend", "sql": "mend_sql"}[key] if mend else key
        (folder / name).unlink(missing_ok=True)
        if wanted in one:
            (folder / name).write_text(one[wanted] + "\n", encoding="ascii")


def expected(way: str, broken: int | None = None) -> dict[str, str]:
    """Requirement -> finding, of the way and of what is broken; all others are to be met."""
    found = {name: kind for kind, names in read("expected")[way].items() for name in names}
    return found | (BREAKS[broken]["findings"] if broken is not None else {})


def differences(results: Mapping[str, Any], wanted: Mapping[str, str]) -> list[str]:
    """A line for each finding of results.json that is another than expected."""
    found = {one["requirement"]: one for one in results["findings"]}
    lines = []
    for name in sorted({*found, *wanted}):
        kind = found[name]["kind"] if name in found else "no finding"
        if kind != wanted.get(name, "met"):
            lines.append(f"{name}: expected {wanted.get(name, 'met')}, found {kind}")
    return lines


def main(words: list[str]) -> int:
    match words:
        case ["database"]:
            sys.stdout.write(database_script())
        case ["inventory", way]:
            sys.stdout.write(inventory(way))
        case ["break" | "mend" as verb, number, folder]:
            write_break(int(number), Path(folder), mend=verb == "mend")
        case ["expect", way, results, *rest]:
            read_results = json.loads(Path(results).read_text(encoding="utf-8"))
            lines = differences(read_results, expected(way, int(rest[0]) if rest else None))
            sys.stdout.write("".join(f"{line}\n" for line in lines) or "as expected\n")
            return 1 if lines else 0
        case _:
            sys.stdout.write(__doc__ or "")
            return 4
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
