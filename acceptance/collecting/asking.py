"""Ask a customer's servers side by side, each once, and look at the same addresses from here."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import AbstractContextManager
from functools import partial

from acceptance.backends.waiting import all_within, in_background, side_by_side
from acceptance.collecting.from_here import Outside, View, look_outside, with_view
from acceptance.collecting.server import Server
from acceptance.evidence.file import Evidence

MOST = 16  # servers side by side
LEAVE_SECONDS = 1.0  # after Ctrl-C, for what is open on servers


class Interrupted(KeyboardInterrupt):
    """Somebody ended the run; `silent`: the servers that had not answered.

    What was open there is closed.
    """

    def __init__(self, silent: Sequence[str]) -> None:
        super().__init__()
        self.silent = silent


def ask_servers(
    servers: Sequence[Server],
    view: View,
    keep: Callable[[Evidence], None],
    room: AbstractContextManager[object],
) -> Iterator[Evidence]:
    """The servers' evidence, as it comes.
    `keep` has each before it is given, in the thread that asked; `room` is entered meanwhile:
    how many servers a process asks at a time, whosever they are.

    Raises Interrupted at Ctrl-C.
    """
    outside = in_background(lambda: look_outside(servers, view))

    def ask(server: Server) -> Evidence:
        with room:
            evidence = _with_view(server, outside.result, view)
        keep(evidence)
        return evidence

    asking = side_by_side({one.name: partial(ask, one) for one in servers}, MOST)
    try:
        for future in as_completed(asking):
            yield future.result()
    except KeyboardInterrupt:
        all_within(LEAVE_SECONDS, [one.leave for one in servers])
        raise Interrupted([name for future, name in asking.items() if not future.done()]) from None


def _with_view(server: Server, outside: Callable[[], Outside], view: View) -> Evidence:
    evidence = server.ask()
    connection = server.host.connection
    if connection is None or not server.site.customer.look_from_here:
        return evidence
    return with_view(
        evidence,
        outside(),
        view,
        address=connection.address,
        seconds=connection.connect_seconds,
    )
