"""Waits that end in time, whatever the other side does.

Threads are daemons: a pool of Python's own is waited for at the process's end,
with every server that hangs.
"""

import queue
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from typing import TypeVar

T = TypeVar("T")


def in_background(action: Callable[[], T]) -> Future[T]:
    """`action` in a thread that nobody has to wait for: it ends with the process."""
    result: Future[T] = Future()

    threading.Thread(target=_fulfil, args=(result, action), daemon=True).start()
    return result


def _fulfil(result: Future[T], action: Callable[[], T]) -> None:
    try:
        result.set_result(action())
    except BaseException as error:
        result.set_exception(error)


def within(seconds: float, action: Callable[[], T]) -> T:
    """The result of `action`.

    Raises TimeoutError after `seconds`; the thread then waits on alone.
    """
    return in_background(action).result(seconds)


def side_by_side(actions: Mapping[str, Callable[[], T]], most: int) -> dict[Future[T], str]:
    """Each action's future and name; `most` of them at a time."""
    waiting: queue.SimpleQueue[tuple[Future[T], Callable[[], T]]] = queue.SimpleQueue()
    futures: dict[Future[T], str] = {Future(): name for name in actions}
    for future, action in zip(futures, actions.values(), strict=True):
        waiting.put((future, action))

    def work() -> None:
        while True:
            try:
                future, action = waiting.get_nowait()
            except queue.Empty:
                return
            if future.set_running_or_notify_cancel():
                _fulfil(future, action)

    for _ in range(min(most, len(actions))):
        threading.Thread(target=work, daemon=True).start()
    return futures


def all_within(seconds: float, actions: list[Callable[[], None]]) -> None:
    """All at once; what has not ended after `seconds` is left alone. Nothing is raised."""
    wait([in_background(action) for action in actions], timeout=seconds)
