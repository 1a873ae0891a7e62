"""Which release of Exact a set of raw values states.

No place is documented to hold the release, so no single value decides:
the programs and the database, which are updated apart, each have to state the same number, and
nothing may state another. Names of folders and databases are habits of people:
they can contradict, never decide.
"""

import re
from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple

from acceptance.evidence.exact import ReleaseSection
from acceptance.evidence.windows import ExactSection, ProgramFile
from acceptance.text import Sentence, said

FIRST_PART = re.compile(r"^(5\d\d)(?:\.|$)")  # 503.0.1, not 5.0.0.512: there 512 is a build
WHOLE = re.compile(r"^(5\d\d)(?: ?SP ?\d+)?$")
WORD = re.compile(r"\b(5\d\d)\b")
NAME = re.compile(
    r"(?<=[A-Za-z _-])(5\d\d)$"
)  # Synergy_503; a database that is called 510 says nothing


Place = Literal["program", "database"]


class Stated(NamedTuple):
    """A raw value as it was found. `release` None: it states none;
    `hint`: it can contradict, not decide.

    `of`: the rows of one database are written by one update, and so are the files of one program.
    """

    of: Place
    where: Sentence
    value: str
    release: int | None
    hint: bool = False

    def in_words(self) -> Sentence:
        """Where it was found, and the raw value."""
        return said("{where}: {value}", where=self.where, value=self.value)


def _stated(
    of: Place, where: Sentence, value: object, pattern: re.Pattern[str], *, hint: bool = False
) -> Stated:
    text = str(value).strip()
    found = set(pattern.findall(text))
    return Stated(of, where, text, int(found.pop()) if len(found) == 1 else None, hint)


def each_once(values: Iterable[Stated]) -> list[Stated]:
    """Several files of one folder name it again and again."""
    return list({str(one.in_words()): one for one in values}.values())


def of_synergys_files(files: Iterable[ProgramFile]) -> list[Stated]:
    """From the web server: Synergy's program files, and the folder's name."""
    values = []
    for file in files:
        if file.file_version is not None:
            values.append(
                _stated("program", said("{file}", file=file.path), file.file_version, FIRST_PART)
            )
        if file.product_version not in (None, file.file_version):
            where = said("{file} (product)", file=file.path)
            values.append(_stated("program", where, file.product_version, FIRST_PART))
        folder = file.path.partition("\\bin\\")[0]
        values.append(_stated("program", said("folder"), folder, NAME, hint=True))
    return each_once(values)


def of_programs(section: ExactSection, product: str) -> list[Stated]:
    """From the web server: what is installed under the product's name."""
    values = []
    for program in section.programs:
        if product.casefold() in program.name.casefold():
            values.append(_stated("program", said("installed program"), program.name, WORD))
            if program.version is not None:
                where = said("{name}, version", name=program.name)
                values.append(_stated("program", where, program.version, FIRST_PART))
    return each_once(values)


def of_database(section: ReleaseSection) -> list[Stated]:
    """From an Exact database: its divisions' version columns, settings, the log of licence calls,
    and its name.
    """
    values = [_stated("database", said("database"), section.name, NAME, hint=True)]
    for one in section.divisions:
        division = "NULL" if one.division is None else one.division
        names = {"database": section.name, "division": division}
        where = said("{database}, division {division}, version", **names)
        version = f"{one.version_major}.{one.version_minor}.{one.revision}.{one.build}"
        values.append(_stated("database", where, version, FIRST_PART))
        where = said("{database}, division {division}, batch level", **names)
        values.append(_stated("database", where, one.batch_level, WHOLE))
    for setting in section.settings:
        value = (
            setting.string_value if setting.string_value not in (None, "") else setting.long_value
        )
        where = said(
            "{database}, setting {setting}", database=section.name, setting=setting.setting_name
        )
        values.append(_stated("database", where, value, WHOLE))
    for logged in section.logged:
        where = said("{database}, licence log", database=section.name)
        values.append(_stated("database", where, logged.release, WHOLE))
    return values


def decided(values: Iterable[Stated]) -> int | None:
    """The release, where a program and a database state the same and nothing states another;
    else None.
    """
    stating = [value for value in values if value.release is not None]
    places = {value.of for value in stating if not value.hint}
    releases = {value.release for value in stating}
    return releases.pop() if len(releases) == 1 and len(places) == 2 else None


def told(values: Collection[Stated]) -> Sentence:
    """What the programs and the database state in one sentence, then every raw value."""
    return said(
        "the program states {program}, the database {database}. {each}",
        program=_states(values, "program"),
        database=_states(values, "database"),
        each=[one.in_words() for one in values],
    )


def _states(values: Iterable[Stated], place: Place) -> Sentence:
    """Names and habits that state another release are told too: they are why nothing is decided."""
    releases = {one.release for one in values if one.of == place and one.release is not None}
    if not releases:
        return said("no release")
    return said("release {numbers}", numbers=", ".join(map(str, sorted(releases))))
