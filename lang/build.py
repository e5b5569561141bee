"""Syntax trees of the grammar become nodes with spans.

One method a rule of `route.lark`, named like it. Trees and tokens are known by their shape only:
the parser generator stays behind `roteiro.lang.parser`.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol, cast

from roteiro.lang import nodes
from roteiro.lang.items import NESTING
from roteiro.lang.report import Report, did_you_mean, hint, replaced
from roteiro.lang.source import Span

STATES = ("absent", "empty", "blank", "valued", "invalid")
LONGEST_NUMBER = 9
"""Digits of a number that counts something (a priority, an edition, a position)."""
ESCAPE = re.compile(r"\\(u\{([0-9A-Fa-f]{1,6})\}|.)", re.DOTALL)
ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
SIZES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
CANNOT_UNDERSTAND = 0xC000
"""The status that stands for one that could not be read (PS3.4 B.2.3)."""
FUNCTIONS = {"count": "count", "days_since": "days since"}
Plain = (
    nodes.Date | nodes.Time | nodes.Instant | nodes.Age | nodes.Duration | nodes.Size | nodes.Uid
)
PLAIN: dict[str, type[Plain]] = {
    # literals that are kept as written
    "DATE": nodes.Date,
    "TIME": nodes.Time,
    "DATETIME": nodes.Instant,
    "AGE": nodes.Age,
    "DURATION": nodes.Duration,
    "SIZE": nodes.Size,
    "UID": nodes.Uid,
}


class Word(Protocol):
    """A token: a `str` with its kind and place."""

    type: str
    start_pos: int
    end_pos: int


class Meta(Protocol):
    """The place of a tree."""

    start_pos: int
    end_pos: int


class Tree(Protocol):
    """A rule of the grammar and what it was made of."""

    data: str
    children: list[Any]
    meta: Meta


class TooComplex(Exception):  # noqa: N818  a finding, told to the one caller
    """A condition is nested too deep; `span` says where."""

    def __init__(self, span: Span) -> None:
        """Keep the place."""
        super().__init__()
        self.span = span


def small(text: str) -> int:
    """Read a whole number that counts something; a longer one becomes one that nothing accepts."""
    digits = text.lstrip("-").lstrip("0") or "0"
    size = int(digits) if len(digits) <= LONGEST_NUMBER else 10**LONGEST_NUMBER
    return -size if text.startswith("-") else size


class Builder:
    """Builds the nodes of one piece, which begins at an offset of the file."""

    def __init__(self, report: Report, offset: int, file: int) -> None:
        """Report to `report`; `offset` is added to every place, which is one of `file`."""
        self.report = report
        self.offset = offset
        self.file = file
        self.depth = 0

    # Helpers ------------------------------------------------------------------------------------

    def build(self, tree: Tree) -> Any:
        """Build what a tree stands for."""
        return getattr(self, str(tree.data))(tree)

    def each(self, children: Sequence[Any]) -> tuple[Any, ...]:
        """Build several; what is not there is left out."""
        return tuple(self.build(child) for child in children if child is not None)

    def optional(self, child: Any) -> Any:
        """Build what may not be there."""
        return None if child is None else self.build(child)

    def span(self, part: Any) -> Span:
        """Give the place of a tree or token."""
        place = part if hasattr(part, "start_pos") else part.meta
        if not hasattr(place, "start_pos"):  # a rule that matched nothing
            return Span(self.offset, self.offset, self.file)
        return Span(self.offset + place.start_pos, self.offset + place.end_pos, self.file)

    def name(self, token: Any) -> nodes.Name:
        """Make a name of a token."""
        return nodes.Name(str(token), self.span(token))

    def maybe_name(self, token: Any) -> nodes.Name | None:
        """Make a name of a token that may not be there."""
        return None if token is None else self.name(token)

    def text(self, token: Any) -> nodes.Text:
        """Make a text of a token with its quotes, `i` before them or not."""
        folded = token.type == "FOLD"
        skipped = 2 if folded else 1
        start = self.offset + token.start_pos + skipped

        def value(found: re.Match[str]) -> str:
            code = int(found[2], 16) if found[2] else None
            if code is not None and code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                return chr(code)
            if found[1] in ESCAPES:
                return ESCAPES[found[1]]
            place = Span(start + found.start(), start + found.end(), self.file)
            self.report.add("RT113", place, "bad_escape", help=hint("escapes"), escape=found[0])
            return found[1]

        return nodes.Text(ESCAPE.sub(value, str(token)[skipped:-1]), folded, self.span(token))

    def maybe_text(self, token: Any) -> nodes.Text | None:
        """Make a text of a token that may not be there."""
        return None if token is None else self.text(token)

    # Items --------------------------------------------------------------------------------------

    def edition(self, tree: Tree) -> int:
        """Build `language N`."""
        return small(tree.children[0])

    def router(self, tree: Tree) -> nodes.Router:
        """Build `router { ... }`."""
        return nodes.Router(self.each(tree.children), self.span(tree))

    def listener(self, tree: Tree) -> nodes.Listener:
        """Build `listener NAME { ... }`."""
        name, *parts = tree.children
        properties = self.each([part for part in parts if part.data == "property"])
        accepts = [self.span(part) for part in parts if part.data == "accept"]
        accept = accepts[0] if accepts else None
        return nodes.Listener(self.name(name), properties, accept, self.span(tree))

    def node(self, tree: Tree) -> nodes.Node:
        """Build `node NAME { ... }`."""
        name, *properties = tree.children
        return nodes.Node(self.name(name), self.each(properties), self.span(tree))

    def set(self, tree: Tree) -> nodes.SetItem:
        """Build `set NAME [: VR] = ...`."""
        name, vr, value = tree.children
        return nodes.SetItem(
            self.name(name), self.maybe_name(vr), self.build(value), self.span(tree)
        )

    def set_file(self, tree: Tree) -> nodes.SetFile:
        """Build `file "..."` after `set NAME =`."""
        return nodes.SetFile(self.text(tree.children[0]), self.span(tree))

    def use(self, tree: Tree) -> nodes.Use:
        """Build `use "..."`."""
        return nodes.Use(self.text(tree.children[0]), self.span(tree))

    def timezone(self, tree: Tree) -> nodes.Timezone:
        """Build `timezone "..."`."""
        return nodes.Timezone(self.text(tree.children[0]), self.span(tree))

    def pool(self, tree: Tree) -> nodes.Pool:
        """Build `pool NAME = ...`."""
        name, members = tree.children
        kind = "copy" if members.data == "copies" else str(members.data)
        key = self.build(members.children[0]) if kind == "balance" else None
        listed = self.names(members.children[-1])
        return nodes.Pool(self.name(name), kind, key, listed, self.span(tree))

    def lookup(self, tree: Tree) -> nodes.Lookup:
        """Build `lookup NAME = file "..." key COLUMN value COLUMN`."""
        name, path, key, value = tree.children
        return nodes.Lookup(
            self.name(name), self.text(path), self.name(key), self.name(value), self.span(tree)
        )

    def schedule(self, tree: Tree) -> nodes.Schedule:
        """Build `schedule NAME = ...`."""
        name, *windows = tree.children
        return nodes.Schedule(self.name(name), self.each(windows), self.span(tree))

    def window(self, tree: Tree) -> nodes.Window:
        """Build `[DAYS] 19:00..06:00`."""
        days, opens, closes = tree.children
        return nodes.Window(
            () if days is None else self.each(days.children),
            nodes.Time(str(opens), self.span(opens)),
            nodes.Time(str(closes), self.span(closes)),
            self.span(tree),
        )

    def day(self, tree: Tree) -> nodes.Days:
        """Build `mon..fri` or `sat`."""
        first, last = tree.children
        return nodes.Days(self.name(first), self.name(first if last is None else last))

    def condition_item(self, tree: Tree) -> nodes.ConditionItem:
        """Build `condition NAME = ...`."""
        name, condition = tree.children
        return nodes.ConditionItem(self.name(name), self.build(condition), self.span(tree))

    def table_head(self, tree: Tree) -> tuple[nodes.Name, str]:
        """Build `table NAME first|all {`."""
        name, mode = tree.children
        return self.name(name), str(mode)

    def guard_head(self, tree: Tree) -> bool:
        """Build `guard {`."""
        return bool(tree.meta)

    def property(self, tree: Tree) -> nodes.Property:
        """Build `name = value`."""
        name, value = tree.children
        return nodes.Property(self.name(name), self.build(value), self.span(tree))

    def bare(self, tree: Tree) -> nodes.Name:
        """Make a name where a value may stand."""
        return self.name(tree.children[0])

    def amount(self, tree: Tree) -> tuple[Decimal, bool]:
        """Read objects, or bytes."""
        token = tree.children[0]
        if token.type == "SIZE":
            return self.size(token), True
        return Decimal(str(token)), False

    def size(self, token: Any) -> Decimal:
        """`20MiB` in bytes."""
        text = str(token)
        return Decimal(text[:-3]) * SIZES[text[-3:]]

    def rate(self, tree: Tree) -> nodes.Rate:
        """Build `400 per second [burst 800]`."""
        amount, per, burst = tree.children
        quantity, is_bytes = self.amount(amount)
        most = None if burst is None else self.amount(burst)[0]
        return nodes.Rate(quantity, is_bytes, self.name(per), most, self.span(tree))

    def duration(self, token: Any) -> nodes.Duration:
        """Build `5m`."""
        return nodes.Duration(str(token), self.span(token))

    def maybe_duration(self, token: Any) -> nodes.Duration | None:
        """Build a duration of a token that may not be there."""
        return None if token is None else self.duration(token)

    def retry(self, tree: Tree) -> nodes.Retry:
        """Build `backoff 5s..15m [for 72h]`."""
        first, longest, limit = map(self.maybe_duration, tree.children)
        assert first is not None
        assert longest is not None
        most = None if limit is None else limit.seconds
        return nodes.Retry(first.seconds, longest.seconds, most, self.span(tree))

    def secret(self, tree: Tree) -> nodes.Secret:
        """Build `secret("...")`."""
        return nodes.Secret(self.text(tree.children[0]), self.span(tree))

    # Rules --------------------------------------------------------------------------------------

    def rule(self, tree: Tree) -> nodes.Rule:
        """Build `rule NAME [priority N] ["text"] { ... }` of a table."""
        name, priority, description, condition, *actions = tree.children
        level = 0 if priority is None else self.priority(priority)
        return nodes.Rule(
            self.name(name),
            level,
            self.maybe_text(description),
            self.optional(condition),
            self.each(actions),
            self.span(tree),
        )

    def priority(self, token: Any) -> int:
        """Read the number after `priority`."""
        number = small(token)
        if abs(number) >= 10**LONGEST_NUMBER:
            self.report.add("RT108", self.span(token), "priority_too_large", value=token)
        return number

    def otherwise(self, tree: Tree) -> nodes.Otherwise:
        """Build `otherwise { ... }` of a table."""
        return nodes.Otherwise(self.each(tree.children), self.span(tree))

    def guard_rule(self, tree: Tree) -> nodes.GuardRule:
        """Build `rule NAME ["text"] { when ... verdict }` of the guard."""
        name, priority, description, condition, verdict = tree.children
        if priority is not None:
            self.report.add("RT100", self.span(priority), "priority_in_guard")
        return nodes.GuardRule(
            self.name(name),
            self.maybe_text(description),
            self.build(condition),
            self.build(verdict),
            self.span(tree),
        )

    def guard_otherwise(self, tree: Tree) -> nodes.Verdict:
        """Build `otherwise { verdict }` of the guard."""
        return cast("nodes.Verdict", self.build(tree.children[0]))

    def send(self, tree: Tree) -> nodes.SendTo:
        """Build `send to a, b ...`."""
        names, *options = tree.children
        return nodes.SendTo(self.names(names), self.each(options), self.span(tree))

    def names(self, tree: Tree) -> tuple[nodes.Name, ...]:
        """Build `a, b`."""
        return tuple(self.name(token) for token in tree.children)

    def via(self, tree: Tree) -> nodes.Via:
        """Build `via a, b`."""
        return nodes.Via(self.names(tree.children[0]), self.span(tree))

    def batch(self, tree: Tree) -> nodes.BatchBy:
        """Build `batch by study after T [within W] [late new]`."""
        by, after, within, late = tree.children
        return nodes.BatchBy(
            self.name(by),
            self.duration(after),
            self.maybe_duration(within),
            None if late is None else str(late.children[0]) if late.children else "hold",
            self.span(tree),
        )

    def during(self, tree: Tree) -> nodes.During:
        """Build `during SCHEDULE`."""
        return nodes.During(self.name(tree.children[0]), self.span(tree))

    def urgency(self, tree: Tree) -> nodes.Urgency:
        """Build `urgency stat`."""
        return nodes.Urgency(self.name(tree.children[0]), self.span(tree))

    def notify(self, tree: Tree) -> nodes.NotifyTo:
        """Build `notify CHANNEL "message"`."""
        channel, text = tree.children
        return nodes.NotifyTo(self.name(channel), self.text(text), self.span(tree))

    def nothing(self, tree: Tree) -> nodes.NothingTo:
        """Build `nothing "reason"`."""
        return nodes.NothingTo(self.text(tree.children[0]), self.span(tree))

    def hold(self, tree: Tree) -> nodes.HoldIn:
        """Build `hold QUEUE ["reason"]`."""
        queue, reason = tree.children
        return nodes.HoldIn(self.name(queue), self.maybe_text(reason), self.span(tree))

    def pass_on(self, tree: Tree) -> nodes.PassOn:
        """Build `pass`."""
        return nodes.PassOn(self.span(tree))

    def drop(self, tree: Tree) -> nodes.DropIt:
        """Build `drop "reason"`."""
        return nodes.DropIt(self.text(tree.children[0]), self.span(tree))

    def refuse(self, tree: Tree) -> nodes.RefuseIt:
        """Build `refuse 0xNNNN ["reason"]`."""
        status, reason = tree.children
        return nodes.RefuseIt(self.status(status), self.maybe_text(reason), self.span(tree))

    def status(self, token: Any) -> int:
        """Read a DIMSE status of four hexadecimal digits."""
        digits = str(token)[2:]
        if len(digits) != 4:
            self.report.add("RT113", self.span(token), "bad_status", value=token)
            return CANNOT_UNDERSTAND
        return int(digits, 16)

    # Transforms and profiles ---------------------------------------------------------------------

    def transform(self, tree: Tree) -> nodes.Transform:
        """Build `transform NAME { edits }`."""
        name, *edits = tree.children
        return nodes.Transform(self.name(name), self.each(edits), self.span(tree))

    def set_edit(self, tree: Tree) -> nodes.SetEdit:
        """Build `set path = value`."""
        path, value = self.each(tree.children)
        return nodes.SetEdit(path, value, self.span(tree))

    def remove_edit(self, tree: Tree) -> nodes.RemoveEdit:
        """Build `remove path`."""
        return nodes.RemoveEdit(self.path(tree.children[0]), self.span(tree))

    def blank_edit(self, tree: Tree) -> nodes.BlankEdit:
        """Build `blank path`."""
        return nodes.BlankEdit(self.path(tree.children[0]), self.span(tree))

    def copy_edit(self, tree: Tree) -> nodes.CopyEdit:
        """Build `copy path to path`."""
        origin, target = self.each(tree.children)
        return nodes.CopyEdit(origin, target, self.span(tree))

    def if_edit(self, tree: Tree) -> nodes.IfEdit:
        """Build `if condition { edits }`."""
        condition, *edits = self.nested(tree)
        return nodes.IfEdit(condition, tuple(edits), self.span(tree))

    def each_edit(self, tree: Tree) -> nodes.EachEdit:
        """Build `each path { edits }`."""
        path, *edits = self.nested(tree)
        return nodes.EachEdit(path, tuple(edits), self.span(tree))

    def join(self, tree: Tree) -> nodes.Join:
        """Build `a + b`."""
        return nodes.Join(self.each(tree.children), self.span(tree))

    def call(self, tree: Tree) -> nodes.Call:
        """Build `upper(x)`."""
        function, *arguments = tree.children
        return nodes.Call(self.name(function), self.each(arguments), self.span(tree))

    def profile(self, tree: Tree) -> nodes.Profile:
        """Build `profile NAME [extends a.b] { statements }`."""
        name, extends, *statements = tree.children
        parents = () if extends is None else self.names(extends)
        return nodes.Profile(self.name(name), parents, self.each(statements), self.span(tree))

    def option(self, tree: Tree) -> nodes.OptionStatement:
        """Build `option a, b`."""
        return nodes.OptionStatement(self.names(tree.children[0]), self.span(tree))

    def of_paths(self, tree: Tree) -> nodes.PathsStatement:
        """Build `keep|remove|blank path, path`."""
        paths = self.each(tree.children[0].children)
        return nodes.PathsStatement(str(tree.data), paths, self.span(tree))

    keep = remove = blank = of_paths

    def replace(self, tree: Tree) -> nodes.ReplaceStatement:
        """Build `replace path with value`."""
        path, value = self.each(tree.children)
        return nodes.ReplaceStatement(path, value, self.span(tree))

    def uids(self, tree: Tree) -> nodes.UidsStatement:
        """Build `uids hash secret("...")`."""
        return nodes.UidsStatement(self.secret(tree.children[0]), self.span(tree))

    def dates(self, tree: Tree) -> nodes.DatesStatement:
        """Build `dates shift within T per PATH secret("...")`."""
        within, per, secret = tree.children
        return nodes.DatesStatement(
            self.duration(within), self.path(per), self.secret(secret), self.span(tree)
        )

    def private(self, tree: Tree) -> nodes.PrivateStatement:
        """Build `private remove [except path, path]`."""
        paths = tree.children[0]
        kept = () if paths is None else self.each(paths.children)
        return nodes.PrivateStatement(kept, self.span(tree))

    def pixels(self, tree: Tree) -> nodes.PixelsStatement:
        """Build `pixels block BOX, BOX when condition`."""
        boxes, condition = tree.children
        return nodes.PixelsStatement(
            tuple(map(self.box, boxes.children)), self.build(condition), self.span(tree)
        )

    def box(self, token: Any) -> nodes.Box:
        """Build `512x80+0+0`."""
        width, height, left, top = (small(digits) for digits in re.split("[x+]", str(token)))
        return nodes.Box(width, height, left, top, self.span(token))

    # Conditions ---------------------------------------------------------------------------------

    def nested(self, tree: Tree) -> tuple[Any, ...]:
        """Build the parts of a condition, not too deep."""
        self.depth += 1
        if self.depth > NESTING:
            raise TooComplex(self.span(tree))
        parts = self.each([part for part in tree.children if hasattr(part, "data")])
        self.depth -= 1
        return parts

    def or_(self, tree: Tree) -> nodes.Or:
        """Build `a or b`."""
        return nodes.Or(self.nested(tree), self.span(tree))

    def and_(self, tree: Tree) -> nodes.And:
        """Build `a and b`."""
        return nodes.And(self.nested(tree), self.span(tree))

    def not_(self, tree: Tree) -> nodes.Not:
        """Build `not a`."""
        return nodes.Not(self.nested(tree)[0], self.span(tree))

    def true_(self, tree: Tree) -> nodes.Constant:
        """Build `true`."""
        return nodes.Constant(True, self.span(tree))  # noqa: FBT003

    def false_(self, tree: Tree) -> nodes.Constant:
        """Build `false`."""
        return nodes.Constant(False, self.span(tree))  # noqa: FBT003

    def condition_ref(self, tree: Tree) -> nodes.ConditionRef:
        """Build `@name` as a condition."""
        return nodes.ConditionRef(self.name(tree.children[0]), self.span(tree))

    def comparison(self, tree: Tree) -> nodes.Comparison:
        """Build `[quantifier] path operator right`."""
        operand, operator, right = tree.children
        word, negated = self.operator_of(operator)
        quantifier = operand.children[0] if operand.data == "operand" else None
        return nodes.Comparison(
            str(quantifier.children[0]) if quantifier is not None else None,
            self.build(operand.children[-1]),
            FUNCTIONS.get(operand.data),
            word,
            negated,
            self.right(right),
            self.span(tree),
            self.span(operator),
        )

    def operator_of(self, tree: Tree) -> tuple[str, bool]:
        """Give an operator without its negation, and whether it is negated."""
        if tree.data == "operator":
            mark = str(tree.children[0])
            return ("==", True) if mark == "!=" else (mark, False)
        negation, word = tree.children
        text = str(word)
        return text + " with" if text in {"starts", "ends"} else text, negation is not None

    def right(self, tree: Tree) -> Any:
        """Build the right side; a bare name is a name, not a path."""
        built = self.build(tree)
        if isinstance(built, nodes.Path) and len(built.steps) == 1:
            step = built.steps[0]
            if isinstance(step.what, nodes.Name) and step.position is None:
                return step.what
        return built

    def state_test(self, tree: Tree) -> nodes.StateTest:
        """Build `path is STATE`."""
        path, state = tree.children
        if str(state) not in STATES:
            meant = self.report.meant(str(state), STATES)
            self.report.add(
                "RT100",
                self.span(state),
                "unknown_state",
                help=did_you_mean(meant) or hint("states"),
                fix=replaced(self.span(state), meant),
                state=state,
            )
        return nodes.StateTest(self.build(path), str(state), self.span(tree))

    def sequence_test(self, tree: Tree) -> nodes.SequenceTest:
        """Build `[any|all|no] S has ( ... )`; without a word it is `any`."""
        quantifier = tree.children[0]
        word = "any" if quantifier is None else str(quantifier.children[0])
        *_, path, condition = self.nested(tree)
        return nodes.SequenceTest(word, path, condition, self.span(tree))

    def quantifier(self, tree: Tree) -> str:
        """Give `any`, `all` or `no`."""
        return str(tree.children[0])

    def set_ref(self, tree: Tree) -> nodes.SetRef:
        """Build `@name` on the right."""
        return nodes.SetRef(self.name(tree.children[0]), self.span(tree))

    def range(self, tree: Tree) -> nodes.Range:
        """Build `low..high`."""
        low, high = self.each(tree.children)
        return nodes.Range(low, high, self.span(tree))

    def set_literal(self, tree: Tree) -> nodes.SetLiteral:
        """Build `{ a, b }`."""
        return nodes.SetLiteral(self.each(tree.children), self.span(tree))

    def literal(self, tree: Tree) -> nodes.Literal:
        """Build a literal of any kind."""
        token = tree.children[0]
        span, text = self.span(token), str(token)
        if token.type in {"STRING", "FOLD"}:
            return self.text(token)
        if token.type in {"NUMBER", "INT"}:
            return nodes.Number(Decimal(text), span)
        if token.type == "REGEX":
            folded = text.endswith("i")
            return nodes.Regex(text[1 : -2 if folded else -1], folded, span)
        return PLAIN[token.type](text, span)

    def path(self, tree: Tree) -> nodes.Path:
        """Build `Modality`, `(0008,0060)`, `assoc.calling_ae`."""
        return nodes.Path(self.each(tree.children), self.span(tree))

    def step(self, tree: Tree) -> nodes.Step:
        """Build one step of a path."""
        token, position = tree.children
        place = None if position is None else small(position)
        return nodes.Step(self.step_of(token), place, self.span(tree))

    def step_of(self, token: Any) -> nodes.Name | nodes.Tag | nodes.PrivateTag:
        """Build a keyword, a tag or a private tag."""
        if token.type == "NAME":
            return self.name(token)
        inner = str(token)[1:-1]
        if token.type == "TAG":
            return nodes.Tag(inner, self.span(token))
        group, creator, element = inner[:4], inner[6:-4], inner[-2:]
        return nodes.PrivateTag(int(group, 16), creator, int(element, 16), self.span(token))

    # Tests --------------------------------------------------------------------------------------

    def test(self, tree: Tree) -> nodes.TestItem:
        """Build `test "name" { given ... [at ...] expect ... }`."""
        name, *parts = tree.children
        givens = [part for part in parts if part is not None and part.data.startswith("given")]
        at = [part for part in parts if part is not None and part.data == "at"]
        expects = [part for part in parts if part is not None and part.data == "expect"]
        return nodes.TestItem(
            self.text(name),
            self.object_file(givens),
            tuple(one for given in givens for one in self.assigned(given)),
            self.instant(at[0].children[0]) if at else None,
            tuple(self.build(expect.children[0]) for expect in expects),
            self.span(tree),
        )

    def instant(self, token: Any) -> nodes.Instant:
        """Build `2026-01-31T10:00:00+01:00`."""
        return nodes.Instant(str(token), self.span(token))

    def object_file(self, givens: list[Tree]) -> nodes.Text | None:
        """Give the file that the test's object comes from."""
        files = [given for given in givens if given.data == "given"]
        for again in files[1:]:
            self.report.add("RT106", self.span(again), "second_file")
        return self.text(files[0].children[0]) if files else None

    def assigned(self, given: Tree) -> tuple[nodes.Given, ...]:
        """Give what one `given` assigns."""
        block = given.children[-1]
        return () if block is None else self.each(block.children)

    def assign(self, tree: Tree) -> nodes.Given:
        """Build `path = value` of a test."""
        path, value = tree.children
        return nodes.Given(self.build(path), self.given_value(value), self.span(tree))

    def given_value(
        self, tree: Tree
    ) -> tuple[nodes.Literal | nodes.Name | nodes.Path, ...] | nodes.Items | None:
        """Build the values that a test gives."""
        if tree.data == "absent":
            return None
        if tree.data == "items":
            return nodes.Items(tuple(map(self.assigns, tree.children)), self.span(tree))
        if tree.data in {"empty", "list"}:
            return self.each(tree.children)
        return (self.build(tree),)

    def tag_value(self, tree: Tree) -> nodes.Path:
        """Build `(0008,0060)` where a value is given."""
        span = self.span(tree)
        return nodes.Path((nodes.Step(self.step_of(tree.children[0]), None, span),), span)

    def assigns(self, block: Tree) -> tuple[nodes.Given, ...]:
        """Build what stands in one pair of braces."""
        return self.each(block.children)

    def expectation(
        self, kind: str, tree: Tree, names: tuple[nodes.Name, ...] = (), verdict: Any = None
    ) -> nodes.Expect:
        """Make an expectation."""
        return nodes.Expect(kind, names, (), verdict, self.span(tree))

    def expect_exactly(self, tree: Tree) -> nodes.Expect:
        """Build `expect exactly a, b`."""
        return self.expectation("exactly", tree, self.names(tree.children[0]))

    def expect_send(self, tree: Tree) -> nodes.Expect:
        """Build `expect send a [via b]`."""
        names, chain = tree.children
        via = () if chain is None else self.via(chain).names
        return nodes.Expect("send", self.names(names), via, None, self.span(tree))

    def expect_no_send(self, tree: Tree) -> nodes.Expect:
        """Build `expect no send a`."""
        return self.expectation("no send", tree, self.names(tree.children[1]))

    def expect_rule(self, tree: Tree) -> nodes.Expect:
        """Build `expect rule TABLE.RULE`."""
        return self.expectation("rule", tree, self.names(tree))

    def expect_hold(self, tree: Tree) -> nodes.Expect:
        """Build `expect hold QUEUE`."""
        verdict = self.hold(tree)
        return self.expectation("hold", tree, (verdict.queue,), verdict)

    def expect_refuse(self, tree: Tree) -> nodes.Expect:
        """Build `expect refuse 0xNNNN`."""
        return self.expectation("refuse", tree, verdict=self.refuse(tree))

    def expect_drop(self, tree: Tree) -> nodes.Expect:
        """Build `expect drop`."""
        reason = self.maybe_text(tree.children[0])
        verdict = nodes.DropIt(reason, self.span(tree)) if reason else None
        return self.expectation("drop", tree, verdict=verdict)

    def expect_nothing(self, tree: Tree) -> nodes.Expect:
        """Build `expect nothing`."""
        return self.expectation("nothing", tree)

    def expect_pass(self, tree: Tree) -> nodes.Expect:
        """Build `expect pass`."""
        return self.expectation("pass", tree, verdict=nodes.PassOn(self.span(tree)))

    def expect_result(self, tree: Tree) -> nodes.ExpectedResult:
        """Build `expect result ...`."""
        return nodes.ExpectedResult(self.build(tree.children[0]), self.span(tree))

    def result_comparison(self, tree: Tree) -> nodes.Comparison:
        """Build `path == literal` of a result."""
        path, mark, literal = tree.children
        word, negated = ("==", True) if str(mark) == "!=" else (str(mark), False)
        right = self.build(literal)
        places = self.span(tree), self.span(mark)
        return nodes.Comparison(None, self.path(path), None, word, negated, right, *places)

    # Invariants ---------------------------------------------------------------------------------

    def invariant(self, tree: Tree) -> nodes.Invariant:
        """Build `invariant "name" { claims }`."""
        name, *claims = tree.children
        return nodes.Invariant(self.text(name), self.each(claims), self.span(tree))

    def never(self, tree: Tree) -> nodes.Never:
        """Build `never send to a [unless via x | unless when condition]`."""
        names, unless = tree.children
        via = self.via(unless).names if unless is not None and unless.data == "via" else ()
        when = self.optional(None if via else unless)
        return nodes.Never(self.names(names), via, when, self.span(tree))

    def always(self, tree: Tree) -> nodes.Always:
        """Build `always send to a | route | pass [when condition]`."""
        outcome, condition = tree.children
        sends = hasattr(outcome, "data")
        return nodes.Always(
            "send" if sends else str(outcome),
            self.names(outcome) if sends else (),
            self.optional(condition),
            self.span(tree),
        )

    def equivalent(self, tree: Tree) -> nodes.Equivalent:
        """Build `equivalent "old.route"`."""
        return nodes.Equivalent(self.text(tree.children[0]), self.span(tree))
