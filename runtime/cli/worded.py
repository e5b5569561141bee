"""Commands and options whose help is in the catalogue, so that it comes in the reader's language.

Modules of commands use `command_of` and `option` of this file in place of click's: their words are
keys of the subject `help`. click's own texts (`Usage:`, `Options:`, the help of `--help`) are
replaced by ours, and every command takes `--lang`. What click raises is worded in `usage`.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from roteiro.lang.messages import LANGUAGES, text
from roteiro.runtime.cli.usage import ExtraWords, NoSuchCommand, Unfit

Function = TypeVar("Function", bound=Callable[..., object])


def said(key: str, context: click.Context, **values: object) -> str:
    """Give a text of the subject `help` in the language of the call."""
    language = context.find_root().obj
    return text(f"help.{key}", language, **values)


class Option(click.Option):
    """An option whose `help` is a key of the subject `help`."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Give its names and its words; see `click.Option`."""
        record = super().get_help_record(ctx)
        assert self.help is not None, self.name
        return None if record is None else (record[0], self._words(ctx))

    def _words(self, context: click.Context) -> str:
        words = said(self.help or "", context)
        if self.required:
            return f"{words}  [{said('required', context)}]"
        if self.show_default:
            return f"{words}  [{said('default', context, value=self.default)}]"
        return words

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Convert a value; one that does not fit is refused with what was given."""
        try:
            return super().type_cast_value(ctx, value)
        except click.BadParameter as wrong:
            raise Unfit(value, self, wrong.message, ctx) from None


class Command(click.Command):
    """A command whose `help` is a key of the subject `help`, followed by keys of paragraphs."""

    def __init__(self, *args: Any, more: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **{"add_help_option": False, **kwargs})
        self.more = more
        self.params += [lang_option(), help_option()]

    def words(self, context: click.Context) -> str:
        """Say in one sentence what it does."""
        return said(self.help or "", context)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See `click.Command`."""
        formatter.write_usage(
            ctx.command_path, " ".join(self.pieces(ctx)), f"{said('usage', ctx)} "
        )

    def pieces(self, context: click.Context) -> list[str]:
        """Give what follows the name of the command in its usage."""
        found = [said("usage_options", context)]
        for param in self.get_params(context):
            found += param.get_usage_pieces(context)
        return found

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See `click.Command`."""
        for words in (self.words(ctx), *(said(key, ctx) for key in self.more)):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(words)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See `click.Command`."""
        options = [param for param in self.params if isinstance(param, click.Option)]
        records = [option.get_help_record(ctx) for option in options]
        with formatter.section(said("options", ctx)):
            formatter.write_dl([record for record in records if record is not None])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the example; see `click.Command`."""
        if self.epilog:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(said("example", ctx, line=self.epilog))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of a call; those that are too many are refused with our words."""
        several = ctx.allow_extra_args
        ctx.allow_extra_args = True
        left = super().parse_args(ctx, args)
        if left and not several:
            raise ExtraWords(left, ctx)
        return left


class Group(Command, click.Group):
    """A command that has commands."""

    def pieces(self, context: click.Context) -> list[str]:
        """Give what follows the name of the command in its usage."""
        return [*super().pieces(context), said("usage_command", context)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Give options, then commands; see `click.Group`."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Give a line for each command; see `click.Group`."""
        with formatter.section(said("commands", ctx)):
            formatter.write_dl([(name, self.about(ctx, name)) for name in self.list_commands(ctx)])

    def about(self, context: click.Context, name: str) -> str:
        """Say in one sentence what a command does."""
        found = self.get_command(context, name)
        assert isinstance(found, Command), name
        return found.words(context)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of a call; see `click.Group`."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            raise NoSuchCommand(name, self.list_commands(ctx), ctx)
        return super().resolve_command(ctx, args)


def lang_option() -> Option:
    """Make `--lang`, which is read before everything else (`output.chosen_language`)."""
    return Option(["--lang"], type=click.Choice(LANGUAGES), expose_value=False, help="lang")


def help_option() -> Option:
    """Make `--help`; click's own has English words."""
    return Option(
        ["-h", "--help"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        help="help",
        callback=show_help,
    )


def show_help(context: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001  click's
    """Print the help of a command and end."""
    if asked and not context.resilient_parsing:
        click.echo(context.get_help())
        context.exit()


def command_of(
    key: str, *, example: str, more: Sequence[str] = ()
) -> Callable[[Callable[..., object]], Command]:
    """Make a command of a function; `key` and `more` name texts, `example` is a call."""
    return click.command(cls=Command, help=key, epilog=example, more=more)


def option(*names: str, help: str, **details: Any) -> Callable[[Function], Function]:  # noqa: A002  click's name
    """Give a command an option; `help` is the key of a text."""
    return click.option(*names, cls=Option, help=help, **details)


def format_option(function: Function) -> Function:
    """Give a command its `--format`."""
    decorate = option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="format",
    )
    return decorate(function)
