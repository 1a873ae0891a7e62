"""What the programs of the Synergy in use state of their release, where there are several copies.

A copy that nobody works with, an old one in another folder, neither decides nor contradicts.
"""

from collections.abc import Collection, Iterable
from pathlib import PureWindowsPath
from typing import NamedTuple

from acceptance.evidence.windows import ExactSection, ProgramFile
from acceptance.exact.releases import Stated, each_once, of_programs, of_synergys_files
from acceptance.exact.site import SynergySite


class Copies(NamedTuple):
    """`in_use`: what the files of each application in use state;
    `beside`: what else was found, which states nothing of it.
    """

    in_use: tuple[tuple[Stated, ...], ...]
    installed: tuple[Stated, ...]
    beside: tuple[Stated, ...]

    @property
    def differ(self) -> bool:
        """Whether the applications in use state different releases: one of them is an old copy."""
        each = {frozenset(one.release for one in values if one.release) for values in self.in_use}
        return len(each) > 1

    @property
    def values(self) -> list[Stated]:
        """All of it; only what is in use states a release."""
        each = (*(one for some in self.in_use for one in some), *self.installed, *self.beside)
        return each_once(each)


def copies(site: SynergySite, section: ExactSection) -> Copies:
    """The program files by the folders of IIS's applications.

    Raises UnreadError where the site's folders could not be looked at.
    """
    folders = [one.folders for one in site.in_use]
    in_use = [tuple(of_synergys_files(_within(section.files, some))) for some in folders]
    others = [file for file in section.files if not any(_folder(file) in some for some in folders)]
    installed = tuple(of_programs(section, "Synergy"))
    # With another copy there, nobody knows which of them an entry of Windows' list is of.
    unknown = installed if others else ()
    beside = [one._replace(release=None) for one in (*of_synergys_files(others), *unknown)]
    return Copies(tuple(in_use), () if others else installed, tuple(beside))


def _within(
    files: Iterable[ProgramFile], folders: Collection[PureWindowsPath]
) -> list[ProgramFile]:
    return [file for file in files if _folder(file) in folders]


def _folder(file: ProgramFile) -> PureWindowsPath:
    """The copy's own folder: that above `bin`. Paths compare without case, as Windows' do."""
    return PureWindowsPath(file.path).parent.parent
