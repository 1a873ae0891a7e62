"""The process that holds the one connection to a SQL Server:
`python -m acceptance.backends.sql.worker`.

A process of its own, because a connect can hang for ever (Encrypt=strict),
because the trusted CA is a variable of the process, and so that a missing or broken driver costs
nobody else anything. One JSON object per line:

    in   {"connection": "Driver=...", "driver": null, "login_seconds": 15, "query_seconds":
    60}   first, once in   {"text": "SELECT ...", "parameters":
    ["..."]}                                             then, as often as needed out  {"sets": []}
    the driver is loaded; again once it has logged in out  {"sets": [{"columns": ["name"], "rows":
    [["master"]]}]} out  {"error": {"kind": "sql", "state": "42000", "number": 229, "message":
    "..."}}

The connection string, with the password in it,
arrives on standard input only and is never repeated.
"""

import json
import os
import queue
import re
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from acceptance.backends.sql.classify import cause_of, words_of
from acceptance.backends.sql.driver import (
    UNIXODBC,
    DriverError,
    choose,
    load_unixodbc,
    packaged_driver,
    system,
)

NUMBER = re.compile(
    r"\((-?\d+)\) \(SQL\w+\)"
)  # how pyodbc ends the text of an error: "... (18456) (SQLDriverConnect)"
LONGEST_MESSAGE = 300
LARGEST_ANSWER = 32 * 2**20  # characters of one batch's values; collectors read less than 1 MB
ROWS = 1000  # fetched at once
GRACE_SECONDS = 2  # for the connection to be closed, once whoever asked is gone


def plain(value: Any) -> Any:
    """A column's value as JSON has it.

    Raises TypeError for what no collector may read, such as binary columns.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a collector returned {type(value).__name__}")


def described(error: Exception, secret: str = "", *, strict: bool = False) -> dict[str, Any]:
    """An error of pyodbc as data: SQLSTATE, number, cause, and the first message's words.

    The password is masked last: a text must be recognised by all of its words.
    """
    state, text = (
        (str(error.args[0]), str(error.args[1])) if len(error.args) > 1 else ("", str(error))
    )
    found = NUMBER.search(text)
    number = int(found[1]) if found else None
    message = words_of(NUMBER.sub("", text))
    cause = cause_of(state, number, text, strict=strict)
    for spelling in (secret.replace("}", "}}"), secret):
        message = message.replace(spelling, "***") if spelling else message
    return {
        "kind": "sql",
        "state": state,
        "number": number,
        "cause": cause,
        "message": message[:LONGEST_MESSAGE],
    }


def load(configured: str | None) -> tuple[Any, str]:
    """pyodbc and the driver to use. Raises DriverError.

    No pooling, so that no impersonated session is handed to anyone.
    """
    family = system()
    load_unixodbc(family)
    try:
        import pyodbc
    except ImportError as error:
        raise DriverError(
            f"pyodbc cannot be loaded ({error})", UNIXODBC.get(family, "pip install pyodbc")
        ) from None
    pyodbc.pooling = False
    return pyodbc, choose(configured, pyodbc.drivers(), packaged_driver(family), family)


def connect(pyodbc: Any, driver: str, request: dict[str, Any]) -> Any:
    """The one connection: autocommit, a time limit on the login and on queries."""
    connection = pyodbc.connect(
        f"Driver={{{driver.replace('}', '}}')}}};{request['connection']}",
        autocommit=True,
        timeout=request["login_seconds"],
    )
    connection.timeout = request["query_seconds"]
    return connection


def execute(connection: Any, request: dict[str, Any]) -> list[dict[str, Any]]:
    """Every result set of one batch."""
    cursor = connection.execute(request["text"], *request["parameters"])
    sets, size = [], 0
    try:
        while True:
            if cursor.description is not None:
                columns, rows = [column[0] for column in cursor.description], []
                while fetched := cursor.fetchmany(ROWS):
                    rows += [[plain(value) for value in row] for row in fetched]
                    size += sum(
                        len(str(value)) + 1 for row in rows[-len(fetched) :] for value in row
                    )
                    if size > LARGEST_ANSWER:
                        raise ValueError(f"the answer is larger than {LARGEST_ANSWER:,} characters")
                sets.append({"columns": columns, "rows": rows})
            if not cursor.nextset():
                return sets
    finally:
        cursor.close()


def asked() -> Iterator[str]:
    """Standard input's lines.

    Once whoever asked is gone, this process ends soon, even inside a driver that hangs.
    """
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put("")
        time.sleep(GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=read, daemon=True).start()
    return iter(lines.get, "")


def leave_no_core() -> None:
    """A driver that crashes leaves no image of this process on disk: the password stands in it."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    def answer(message: dict[str, Any]) -> None:
        print(json.dumps(message), flush=True)

    lines = asked()
    first = json.loads(next(lines))
    secret = first.pop("secret", "")
    try:
        pyodbc, driver = load(first["driver"])
        answer({"sets": []})
        connection = connect(pyodbc, driver, first)
    except DriverError as error:
        return answer(
            {"error": {"kind": "driver", "message": error.args[0], "remedy": error.args[1]}}
        )
    except Exception as error:  # whatever a driver raises is data for the process that asked
        return answer({"error": described(error, secret, strict=bool(first.get("strict")))})
    answer({"sets": []})
    for line in lines:
        try:
            answer({"sets": execute(connection, json.loads(line))})
        except Exception as error:
            answer({"error": described(error, secret)})
    connection.close()
    return None


if __name__ == "__main__":
    leave_no_core()
    try:
        main()
    finally:
        os._exit(
            0
        )  # at a plain end, Python would abort over the thread that still reads standard input
