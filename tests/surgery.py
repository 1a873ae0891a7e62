"""Text surgery on a twin's files that fails loudly: a fault that changes nothing proves nothing."""

from acceptance.simulator.windows.twin import Twin


def rewrite(twin: Twin, path: str, old: str, new: str) -> None:
    """Replace `old` in a file of the twin. Raises LookupError where it stands nowhere."""
    if old not in twin.files[path]:
        raise LookupError(f"{path} of {twin.name} does not hold {old!r}")
    twin.files[path] = twin.files[path].replace(old, new)
