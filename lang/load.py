"""The files of a program: the first, those it uses, and those of its sets and lookups.

Reading them is not ours: `Files` does it. What cannot be read is a finding where the file is named;
what is wrong within one is a finding there, like those of the first file.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from roteiro.lang import nodes
from roteiro.lang.datafiles import LookupReader, SetLines, lines_of
from roteiro.lang.diagnostics import Diagnostic, Level, message
from roteiro.lang.parser import parse
from roteiro.lang.report import Report, hint
from roteiro.lang.resolve import Data
from roteiro.lang.source import Source, Span

LIMIT = 64 * 1024 * 1024
"""Bytes of a file at most."""
DEEPEST = 64
"""Files that use each other in a row."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A file that was read."""

    name: str
    """What to call it where people read; other files may be found beside it by this name."""
    identity: str
    """The same for the same file, however it was named."""
    data: bytes
    """At most `LIMIT` bytes, or one more when it has more."""


class NoFolderError(Exception):
    """There is no place where the files of this program could be."""


class Files(Protocol):
    """Whatever can read files."""

    def identity(self, name: str) -> str:
        """Give the identity that `read` would give the file of this name."""
        ...

    def read(self, path: str, beside: str) -> Contents:
        """Read the file that the rule file `beside` calls `path`.

        `OSError` when it cannot be read, `NoFolderError` when nothing can.
        """
        ...

    def why(self, wrong: OSError) -> str:
        """Say why `read` failed, in words of the catalogue where it has them."""
        ...


class NoFiles:
    """The files of a text that lies in no folder: none."""

    def identity(self, name: str) -> str:
        """See `Files`."""
        return name

    def read(self, path: str, beside: str) -> Contents:  # noqa: ARG002  of the protocol
        """See `Files`."""
        raise NoFolderError

    def why(self, wrong: OSError) -> str:
        """See `Files`."""
        return str(wrong)


NO_FILES = NoFiles()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A program's files, read and parsed."""

    items: tuple[nodes.Item, ...]
    """The items of all files, the first file's first."""
    sources: tuple[Source, ...]
    """The rule files; `span.file` counts in them. The files of `data` have the numbers after."""
    data_sources: tuple[Source, ...]
    data: Data
    whole: bool
    """Whether every file could be read, rule files to their last item."""
    found: bool
    """Whether every rule file could be found: if not, names may come from one that was not."""
    rule_set: str
    """`sha256:...` of a program's text: see `digest`."""
    findings: tuple[Diagnostic, ...]

    def report(self) -> Report:
        """Begin a report that knows all the files."""
        report = Report(self.sources[0])
        report.sources |= dict(enumerate((*self.sources, *self.data_sources)))
        return report


class Loading:
    """Reads one program."""

    def __init__(self, source: Source, files: Files) -> None:
        """Begin with its first file."""
        self.files = files
        self.sources = [source]
        self.report = Report(source)
        self.findings: list[Diagnostic] = []
        self.items: list[nodes.Item] = []
        self.whole = self.found = True
        self.seen: set[str] = {files.identity(source.name)}
        self.digests: list[tuple[str, bytes]] = [("", encoded(source))]
        self.data_sources: list[Source] = []
        self.lines: dict[nodes.Text, SetLines] = {}
        self.rows: dict[nodes.Text, dict[str, str]] = {}

    # Rule files ---------------------------------------------------------------------------------

    def first(self) -> None:
        """Read the first file, and all that it uses."""
        source = self.sources[0]
        tree, findings = parse(source)
        self.findings.extend(findings)
        self.take(tree, [self.files.identity(source.name)])

    def take(self, tree: nodes.File | None, chain: list[str]) -> None:
        """Take the items of a file, then those of the files that it uses."""
        if tree is None:
            self.whole = self.found = False
            return
        self.whole = self.whole and tree.whole
        self.items.extend(tree.items)
        for item in tree.items:
            if isinstance(item, nodes.Use):
                self.use(item, chain)

    def use(self, item: nodes.Use, chain: list[str]) -> None:
        """Read a file that another one uses; each file once."""
        beside = self.sources[item.span.file].name
        if len(chain) > DEEPEST:
            self.report.add("RT126", item.path.span, "too_many_uses", limit=DEEPEST)
            self.whole = self.found = False
            return
        contents = self.opened(item.path, beside, "RT131")
        if contents is None:
            self.whole = self.found = False
        elif contents.identity in chain:
            self.circle(item)
        elif contents.identity not in self.seen:
            self.used(contents, item.path.value, chain)

    def circle(self, item: nodes.Use) -> None:
        """Report a file that uses itself, or one that uses it."""
        self.report.add(
            "RT132",
            item.path.span,
            "use_cycle",
            help=hint("use_cycle_help"),
            path=item.path.value,
        )

    def used(self, contents: Contents, path: str, chain: list[str]) -> None:
        """Parse a file that was read."""
        self.seen.add(contents.identity)
        source, wrong = decoded(contents.name, contents.data, len(self.sources))
        self.sources.append(source)
        self.report.sources[len(self.sources) - 1] = source
        self.digests.append((path, encoded(source)))
        if wrong is not None:
            self.findings.append(wrong)
            self.whole = self.found = False
            return
        tree, findings = parse(source, len(self.sources) - 1)
        self.findings.extend(findings)
        self.take(tree, [*chain, contents.identity])

    # Data files ---------------------------------------------------------------------------------

    def data(self) -> None:
        """Read the files of sets and lookups."""
        for item in self.items:
            if isinstance(item, nodes.SetItem) and isinstance(item.value, nodes.SetFile):
                self.set_file(item.value.path)
            elif isinstance(item, nodes.Lookup):
                self.lookup_file(item)
            elif isinstance(item, nodes.Invariant):
                self.compared_files(item)

    def compared_files(self, item: nodes.Invariant) -> None:
        """See that the rule files of `equivalent` are there, where there is a folder to look in."""
        paths = [claim for claim in item.claims if isinstance(claim, nodes.Equivalent)]
        for claim in paths if not isinstance(self.files, NoFiles) else ():
            if "\0" not in claim.path.value:  # else it is reported with the claim
                self.opened(claim.path, self.sources[claim.span.file].name, "RT131")

    def set_file(self, path: nodes.Text) -> None:
        """Read the file of a set."""
        number = self.data_file(path)
        if number is not None:
            self.lines[path] = lines_of(self.report.sources[number].text, number)

    def lookup_file(self, item: nodes.Lookup) -> None:
        """Read the file of a lookup."""
        number = self.data_file(item.path)
        if number is not None:
            reader = LookupReader(item, self.report.sources[number], number, self.report)
            self.rows[item.path] = reader.rows()

    def data_file(self, path: nodes.Text) -> int | None:
        """Read one file, and give its number."""
        contents = self.opened(path, self.sources[path.span.file].name, "RT130")
        if contents is None:
            return None
        number = len(self.sources) + len(self.data_sources)
        source, wrong = decoded(contents.name, contents.data, number, "RT130")
        self.data_sources.append(source)
        self.report.sources[number] = source
        self.digests.append((path.value, contents.data))
        if wrong is None:
            return number
        self.findings.append(wrong)
        self.whole = False
        return None

    def opened(self, path: nodes.Text, beside: str, code: str) -> Contents | None:
        """Read a file, or report why not."""
        try:
            if "\0" in path.value:
                self.report.add("RT108", path.span, "path_with_nul")
                return None
            contents = self.files.read(path.value, beside)
        except NoFolderError:
            helped = hint("no_folder_help")
            self.report.add(code, path.span, "no_folder", help=helped, path=path.value)
            return None
        except OSError as wrong:
            missing = isinstance(wrong, FileNotFoundError | NotADirectoryError)
            key = "file_missing" if missing else "file_unreadable"
            self.report.add(code, path.span, key, path=path.value, why=self.files.why(wrong))
            return None
        if len(contents.data) <= LIMIT:
            return contents
        most = f"{LIMIT >> 20} MiB"
        self.report.add(code, path.span, "file_too_large", path=path.value, most=most)
        return None

    def loaded(self) -> Loaded:
        """Give what was read."""
        return Loaded(
            tuple(self.items),
            tuple(self.sources),
            tuple(self.data_sources),
            Data(self.lines, self.rows),
            self.whole and not self.report.failed,
            self.found,
            digest(self.digests),
            (*self.findings, *self.report.findings),
        )


def encoded(source: Source) -> bytes:
    """Give the bytes of a rule file, without a mark at its start."""
    return source.text.encode("utf-8", "surrogatepass")


def digest(files: list[tuple[str, bytes]]) -> str:
    """Name a rule set by all that it was made of.

    Of one file: the SHA-256 of its text. Of several: the SHA-256 of one line a file, in the order
    of reading: rule files as `use` reaches them, then the files of sets and lookups. A line is the
    SHA-256 of the file's bytes in hexadecimal digits, two spaces, the path as it was written (none
    for the first file) and a line feed.
    """
    data = files[0][1]
    if len(files) > 1:
        lines = (f"{sha256(data).hexdigest()}  {name}\n" for name, data in files)
        data = "".join(lines).encode("utf-8", "surrogatepass")
    return f"sha256:{sha256(data).hexdigest()}"


def decoded(
    name: str, data: bytes, number: int, code: str = "RT100"
) -> tuple[Source, Diagnostic | None]:
    """Decode a file; bytes that are not UTF-8 are a finding, at the first of them.

    A byte order mark is passed over.
    """
    try:
        return Source(name, data.decode("utf-8-sig")), None
    except UnicodeDecodeError as wrong:
        source = Source(name, data.decode("utf-8-sig", errors="replace"))
        at = len(wrong.object[: wrong.start].decode("utf-8"))
        what = message("language.not_utf8", byte=f"0x{wrong.object[wrong.start]:02X}")
        place, helped = Span(at, at + 1, number), hint("not_utf8_help")
        return source, Diagnostic(code, Level.ERROR, what, source, place, help=helped)


def load(source: Source, files: Files = NO_FILES) -> Loaded:
    """Read a whole program, from the text of its first file on."""
    run = Loading(source, files)
    run.first()
    run.data()
    return run.loaded()


def loaded_of(tree: nodes.File, source: Source) -> Loaded:
    """Take a tree that was parsed; other files are not read."""
    run = Loading(source, NO_FILES)
    run.take(tree, [source.name])
    run.data()
    return run.loaded()
