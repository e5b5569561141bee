"""Wrong usage, worded: what click raises becomes a text of the catalogue and its values."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click
from click import exceptions

from roteiro.lang.messages import text
from roteiro.lang.report import listed, nearest, show

Words = tuple[str, dict[str, object]]

NO_WORDS: Any = getattr(exceptions, "NoArgsIsHelpError", ())
"""Raised by newer clicks when a command without words shows its help."""


class Unfit(click.BadParameter):
    """A value that its option cannot have."""

    def __init__(
        self, value: object, option: click.Option, message: str, context: click.Context
    ) -> None:
        super().__init__(message, context, option)
        self.value = value
        self.option = option


class ExtraWords(click.UsageError):
    """More words than the command takes."""

    def __init__(self, words: Sequence[str], context: click.Context) -> None:
        super().__init__(" ".join(words), context)
        self.words = words


class NoSuchCommand(click.UsageError):
    """A command that is none."""

    def __init__(self, name: str, names: Iterable[str], context: click.Context) -> None:
        super().__init__(name, context)
        self.name = name
        self.meant = nearest(name, names)


def lines(wrong: click.ClickException, language: str) -> list[str]:
    """Say what was wrong, how the command is used, and how to see more."""
    if isinstance(wrong, NO_WORDS):
        return [wrong.format_message()]
    key, values = worded(wrong)
    shown = {name: show(value) for name, value in values.items()}
    first = f"roteiro: {text(f'command.{key}', language, **shown)}"
    context = getattr(wrong, "ctx", None)
    if context is None:
        return [first]
    help_call = f"{context.command_path} --help"
    more = text("command.usage_more", language, call=help_call)
    return [first, context.get_usage(), more]


def worded(wrong: click.ClickException) -> Words:
    """Give the key and the values of what was wrong."""
    for kind, words in KINDS.items():
        if isinstance(wrong, kind):
            return words(wrong)
    return "usage_wrong", {"why": wrong.format_message()}


def no_such_option(wrong: click.NoSuchOption) -> Words:
    """Name an option that is none, and one that was perhaps meant."""
    if not wrong.possibilities:
        return "usage_no_option", {"name": wrong.option_name}
    return "usage_no_option_meant", {"name": wrong.option_name, "meant": wrong.possibilities[0]}


def no_such_command(wrong: NoSuchCommand) -> Words:
    """Name a command that is none, and one that was perhaps meant."""
    if wrong.meant is None:
        return "usage_no_command", {"name": wrong.name}
    return "usage_no_command_meant", {"name": wrong.name, "meant": wrong.meant}


def missing(wrong: click.MissingParameter) -> Words:
    """Name what must be there."""
    assert wrong.param is not None
    return "usage_missing", {"name": named(wrong.param)}


def unfit(wrong: Unfit) -> Words:
    """Say what an option was given, and what it takes."""
    kind = wrong.option.type
    values: dict[str, object] = {"name": named(wrong.option), "got": wrong.value}
    if isinstance(kind, click.Choice):
        expected = listed([f"`{choice}`" for choice in kind.choices], "list_or")
        return "usage_not_one_of", values | {"expected": expected}
    if isinstance(kind, click.IntRange) and kind.max is not None:
        return "usage_not_between", values | {"low": kind.min, "high": kind.max}
    if isinstance(kind, click.IntRange):
        return "usage_not_from", values | {"low": kind.min}
    if isinstance(kind, click.Path):
        return "usage_not_folder", values
    return "usage_wrong", {"why": wrong.message}


def bad_option(wrong: click.BadOptionUsage) -> Words:
    """Say that a value lacks, or is too many."""
    params = wrong.ctx.command.params if wrong.ctx else []
    flags = {name for param in params if getattr(param, "is_flag", False) for name in param.opts}
    takes = wrong.option_name not in flags | {"--help", "-h"}
    return "usage_value_missing" if takes else "usage_no_value", {"name": wrong.option_name}


def extra(wrong: ExtraWords) -> Words:
    """Name the words that are too many."""
    return "usage_extra", {"words": " ".join(wrong.words)}


def named(param: click.Parameter) -> str:
    """Give a parameter as people write it."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.metavar or (param.name or "").upper()


KINDS: dict[type[click.ClickException], Callable[[Any], Words]] = {
    click.NoSuchOption: no_such_option,
    NoSuchCommand: no_such_command,
    click.MissingParameter: missing,
    Unfit: unfit,
    click.BadOptionUsage: bad_option,
    ExtraWords: extra,
}
