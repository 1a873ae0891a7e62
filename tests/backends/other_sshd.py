"""Another implementation of SSH as the server: asyncssh on loopback.

It takes real passwords, which an OpenSSH server without root or PAM cannot, and has any program as
the account's shell. `.ci/run` installs it.
"""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.backends.sshd import REPLAY, SECONDS, put_program

# As cmd.exe is called: its longest line, what it strips, and what of a line it would take for its
# own. What it might expand, quote or pipe is refused here.
CMD = f"""#!{sys.executable}
import os, sys
line = sys.argv[1]
if len(line) > 8191:
    sys.exit("The command line is too long.")
if set(line) & set("%^&|<>()!\\"'`$@;,"):
    sys.exit("The syntax of the command is incorrect.")
words = line.split(" ")
try:
    os.execvp(words[0], words)
except FileNotFoundError:
    sys.exit(f"'{{words[0]}}' is not recognized as an internal or external command")
"""


@dataclass
class OtherSshd:
    """A started server. `tried`: the passwords that it was sent; `commands`: what its shell got."""

    folder: Path
    user: str
    password: str
    shell: Sequence[str]
    port: int = 0
    tried: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    @property
    def known(self) -> Path:
        return self.folder / "known_hosts"

    def entry(self, **changes: Any) -> dict[str, Any]:
        """The inventory's `connection`, by password."""
        return {
            "backend": "ssh",
            "address": "127.0.0.1",
            "port": self.port,
            "username": self.user,
            "password": "env:X",
            "options": {"UserKnownHostsFile": str(self.known), "GlobalKnownHostsFile": "/dev/null"},
            "connect_seconds": 10,
        } | changes

    def powershell(self, text: str) -> None:
        """What `powershell.exe` is there."""
        put_program(self.folder / "bin" / "powershell.exe", text)


@contextlib.contextmanager
def other_started(
    folder: Path, user: str, password: str, shell: Sequence[str] = ("/bin/sh", "-c")
) -> Iterator[OtherSshd]:
    """`shell`: the words in front of the received command line."""
    asyncssh = pytest.importorskip("asyncssh", reason="pip install asyncssh")
    one = OtherSshd(folder, user, password, shell)
    (folder / "bin").mkdir()
    one.powershell(REPLAY)
    key = asyncssh.generate_private_key("ssh-ed25519")

    class Server(asyncssh.SSHServer):  # type: ignore[name-defined,misc]
        def begin_auth(self, _: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, given: str) -> bool:
            one.tried.append(given)
            return (username, given) == (user, password)

    async def run(process: Any) -> None:
        one.commands.append(process.command)
        pipe = asyncio.subprocess.PIPE
        path = f"{folder / 'bin'}:{os.environ['PATH']}"
        program = await asyncio.create_subprocess_exec(
            *shell, process.command, stdin=pipe, stdout=pipe, stderr=pipe,
            env=os.environ | {"PATH": path, "TERM": "dumb", "NO_COLOR": "1"},
        )  # fmt: skip
        fed = asyncio.ensure_future(_hand_on(process.stdin, program.stdin))
        await asyncio.gather(
            _hand_on(program.stdout, process.stdout), _hand_on(program.stderr, process.stderr)
        )
        status = await program.wait()
        fed.cancel()
        process.exit(status)

    async def serve() -> Any:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Server, server_host_keys=[key], process_factory=run,
            encoding=None,
        )  # fmt: skip

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        listener = asyncio.run_coroutine_threadsafe(serve(), loop).result(SECONDS)
        one.port = listener.get_port()
        public = key.export_public_key().decode("ascii").split()
        line = f"[127.0.0.1]:{one.port} {public[0]} {public[1]}\n"
        one.known.write_text(line, encoding="ascii")
        yield one
    finally:
        asyncio.run_coroutine_threadsafe(_close(listener), loop).result(SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS)
        loop.close()


async def _hand_on(source: Any, sink: Any) -> None:
    """Until the source's end; the sink may have ended before."""
    with contextlib.suppress(OSError):
        while piece := await source.read(65536):
            sink.write(piece)
            await sink.drain()
        sink.write_eof()


async def _close(listener: Any) -> None:
    listener.close()
    await listener.wait_closed()
