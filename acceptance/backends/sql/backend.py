"""Ask one SQL Server over one ODBC connection, which a process of its own holds (sql_worker.py).

Name, port and instance are probed first, so that each way to fail is told in one line;
every wait has an end.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from acceptance.backends.probe import instance_port, probe
from acceptance.backends.refusals import Refusals
from acceptance.backends.sql import faults as sql_faults
from acceptance.backends.sql.connection_string import connection_string
from acceptance.backends.sql.environment import environment
from acceptance.backends.sql.once import Attempt
from acceptance.errors import (
    DeadlineError,
    DriverMissingError,
    LoginError,
    ProtocolError,
    StatementError,
)
from acceptance.evidence.reached import Reached
from acceptance.inventory.sql import SQL_PORT, SqlConnection
from acceptance.secrets import Secret

START_SECONDS = 30  # for a process and its driver to load, on a busy machine
GRACE_SECONDS = 8  # beyond the driver's own limits; it waits 2 s more for a cancelled query's end
CLOSE_SECONDS = 3  # for a connection to be closed
LOST = "08"  # SQLSTATE's class of a connection that has ended


class ResultSet(NamedTuple):
    """`columns` are the collectors' names; a row has a value for each."""

    columns: list[str]
    rows: list[list[Any]]

    def records(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class SqlBackend:
    """One SQL Server of a run: connected at the first batch, closed by `close`."""

    NAME = "odbc"
    read_at = None  # it is asked now

    def __init__(
        self,
        host: str,
        connection: SqlConnection,
        password: str | None,
        remembered: Refusals | None = None,
    ) -> None:
        """`remembered`: the passwords that servers refused in earlier runs."""
        self.host_name = host
        self._remembered = remembered
        self.connection = connection
        self._password = password
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._reader: threading.Thread | None = None
        self._deadline = 0.0
        self._doubtful = (
            False  # the last batch failed, perhaps with its connection (a killed session)
        )

    def __repr__(self) -> str:
        return f"<sql {self.host_name}>"

    def reached(self) -> Reached:
        """How this backend talks to its server."""
        connection = self.connection
        tls: Literal["verified", "unverified", "none"] = (
            "verified" if connection.verify_certificate else "unverified"
        )
        if connection.encrypt == "optional":
            tls = "none"
        return Reached(
            backend=self.NAME,
            address=connection.address,
            transport="tds",
            authentication=connection.auth,
            tls=tls,
        )

    def texts(self) -> Sequence[str]:
        """Nothing but the collectors runs on a server."""
        return ()

    def connect(self) -> None:
        """Log in, once. Raises a HostError that names the cause."""
        self._deadline = time.monotonic() + self.connection.deadline_seconds
        self._log_in()

    def _log_in(self) -> None:
        connection = self.connection
        port = connection.port or SQL_PORT
        if connection.instance and not connection.port:
            port = instance_port(
                self.host_name, connection.server, connection.instance, connection.connect_seconds
            )
        names = {
            "address": f"{connection.server}:{port}",
            "login": connection.username or "of this session",
        }
        attempt = Attempt(
            self.host_name,
            names["address"],
            connection.username or "",
            self._password,
            self._remembered,
        )
        if attempt.refusal is not None:
            raise sql_faults.connecting(self.host_name, attempt.refusal, database="master", **names)
        probe(self.host_name, connection.server, port, connection.connect_seconds)
        attempt.require_untried()
        self._start()
        first = {
            "connection": connection_string(connection, port, self._password),
            "secret": Secret(self._password or ""),
            "driver": connection.driver,
            "strict": connection.encrypt == "strict",
            "login_seconds": connection.login_seconds,
            "query_seconds": connection.query_seconds,
        }
        self._send(first)
        error = self._answer(START_SECONDS).get("error") or self._answer(
            connection.login_seconds
        ).get("error")
        if error is None:
            return
        if error["kind"] == "driver":
            raise DriverMissingError(
                self.host_name, f"{error['message']}.", f"Install it: {error['remedy']}"
            )
        cause = sql_faults.connecting(self.host_name, error, database="master", **names)
        if isinstance(cause, LoginError):
            attempt.note(error)
        raise cause

    def _start(self) -> None:
        # OpenSSL's own variables, of that process only: this file and no other authority.
        ca_file = self.connection.ca_file
        trusted = (
            {"SSL_CERT_FILE": str(ca_file), "SSL_CERT_DIR": os.devnull}
            if ca_file is not None
            else {}
        )
        try:
            self._process = subprocess.Popen(
                # -P: nothing of the working directory
                [sys.executable, "-P", "-m", "acceptance.backends.sql.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=environment() | trusted,
            )
        except OSError as error:
            message = f"the process for the ODBC driver could not be started: {error.strerror}."
            raise ProtocolError(
                self.host_name, message, "Is this machine out of memory or processes?"
            ) from None
        self._reader = threading.Thread(
            target=self._read, args=(self._process, self._answers), daemon=True
        )
        self._reader.start()

    @staticmethod
    def _read(process: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            answers.put(line)
        process.stdout.close()
        answers.put("")  # the end

    def run(self, text: str, parameters: Sequence[str]) -> list[ResultSet]:
        """Every result set of one batch; after a connection that was lost, over a new one.

        Raises StatementError for what costs this batch only, another HostError for anything else.
        """
        doubtful = self._doubtful and self._process is not None
        answer = self._answer_to(text, parameters)
        error = answer.get("error")
        if doubtful and error is not None and error["state"].startswith(LOST):
            self.close()  # it had ended with the batch before, and this one was never asked
            answer = self._answer_to(text, parameters)
            error = answer.get("error")
        self._doubtful = error is not None
        if error is None:
            return [ResultSet(**one) for one in answer["sets"]]
        slow = error["state"] == "HYT00"
        if slow or error["state"].startswith(LOST):
            self.close()  # also after a time-out: nobody says whether the server took the cancel
        message = self._too_slow() if slow else error["message"]
        raise StatementError(self.host_name, error.get("number"), message)

    def _answer_to(self, text: str, parameters: Sequence[str]) -> dict[str, Any]:
        if self._process is None:
            self._log_in()
        self._send({"text": text, "parameters": list(parameters)})
        try:
            return self._answer(self.connection.query_seconds)
        except DeadlineError:
            self.close()
            if time.monotonic() >= self._deadline:
                raise
            raise StatementError(self.host_name, None, self._too_slow()) from None

    def _too_slow(self) -> str:
        seconds = self.connection.query_seconds
        return (
            f"no answer within sql.query_seconds: {seconds}; "
            "raise it, or look at the server's load and locks"
        )

    def _send(self, request: Mapping[str, Any]) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        with contextlib.suppress(
            OSError
        ):  # a process that has ended shows when its answer is missing
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()

    def _answer(self, seconds: float) -> dict[str, Any]:
        """The worker's next line.

        Raises DeadlineError after `seconds` and a little, or at the server's overall deadline.
        """
        assert self._process is not None
        left = max(0.1, min(seconds + GRACE_SECONDS, self._deadline - time.monotonic()))
        try:
            line = self._answers.get(timeout=left)
        except queue.Empty:
            self._process.kill()
            raise DeadlineError(
                self.host_name,
                f"no answer within {left:.0f} s.",
                "Raise sql.login_seconds, query_seconds or deadline_seconds in the inventory, "
                "or look at the server's load.",
            ) from None
        if not line:
            raise ProtocolError(
                self.host_name,
                "the ODBC driver ended its process.",
                "Is it the driver for this system? See sql.driver.",
            )
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:  # drivers and their libraries print what they like
            answer = {}
        if not isinstance(answer, dict) or not {"sets", "error"} & answer.keys():
            raise ProtocolError(
                self.host_name, "the ODBC driver's process said something else than its answer."
            )
        return answer

    def leave(self) -> None:
        """From another thread than the one that waits: end the process, and with it the connection.

        Never raises.
        """
        self._deadline = 0.0  # nothing more is asked
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the connection and its process. Never raises."""
        process, self._process = self._process, None
        self._answers = queue.Queue()  # whatever still comes belongs to nobody
        if process is None:
            return
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if process.stdin is not None:
                process.stdin.close()
            process.wait(timeout=CLOSE_SECONDS)
        if process.poll() is None:
            process.kill()
            process.wait()
        if self._reader is not None:
            self._reader.join(CLOSE_SECONDS)
