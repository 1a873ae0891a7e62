"""Waits that end in time, whatever the other side does."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def in_background(action: Callable[[], T]) -> Future[T]:
    """`action` in a thread that nobody has to wait for: it ends with the process."""
    result: Future[T] = Future()

    def work() -> None:
        try:
            result.set_result(action())
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return result


def within(seconds: float, action: Callable[[], T]) -> T:
    """The result of `action`. Raises TimeoutError after `seconds`; the thread then waits on alone."""
    return in_background(action).result(seconds)
