"""`roteiro ast`: the syntax tree of a rule file as JSON, and a rule file of such a tree."""

import json

import click

from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.messages import Phrase
from roteiro.lang.parser import parse
from roteiro.lang.treejson import NoTree, data_of, text_of_tree, tree_of
from roteiro.runtime.cli.edited import STANDARD, Edited, opened, standard_input
from roteiro.runtime.cli.group import FINDINGS, FINE, Refused
from roteiro.runtime.cli.output import say, say_findings
from roteiro.runtime.cli.worded import command_of, option


@command_of("ast", more=("ast_more", "ast_exits"), example="roteiro ast site.route > site.json")
@click.argument("path", metavar="FILE")
@option("--text", "wants_text", is_flag=True, help="ast_text")
@click.pass_obj
def command(language: str, *, path: str, wants_text: bool) -> int:
    """Turn rules into JSON, or back."""
    file = standard_input() if path == STANDARD else opened(path)
    if file.wrong is not None:
        raise refused(file, [file.wrong], language)
    say(text_of_json(file) if wants_text else json_of_text(file, language))
    return FINE


def json_of_text(file: Edited, language: str) -> str:
    """Give the tree of a rule file; one that cannot be read is refused with what is wrong."""
    tree, findings = parse(file.source)
    if tree is None or not tree.whole:
        errors = [each for each in findings if each.level is Level.ERROR]
        raise refused(file, errors, language)
    return json.dumps(data_of(tree), ensure_ascii=False, indent=1)


def refused(file: Edited, errors: list[Diagnostic], language: str) -> Refused:
    """Print errors; give what ends the command."""
    say_findings(errors, language, err=True)
    count = len(errors)
    said = Phrase("command.error_one" if count == 1 else "command.error_many", n=count)
    return Refused(FINDINGS, "command.rules_have_errors", path=file.source.name, errors=said)


def text_of_json(file: Edited) -> str:
    """Give the rule file of a tree; what is none is refused with the place and the reason."""
    try:
        return text_of_tree(tree_of(json.loads(file.source.text))).removesuffix("\n")
    except json.JSONDecodeError as wrong:
        why = Phrase("command.json_syntax", line=wrong.lineno, column=wrong.colno)
        raise Refused(FINDINGS, "command.cannot_read", path=file.source.name, why=why) from None
    except (RecursionError, ValueError):  # nested too deep; a number of thousands of digits
        why = Phrase("command.ast_too_deep")
        raise Refused(FINDINGS, "command.cannot_read", path=file.source.name, why=why) from None
    except NoTree as wrong:
        known = {"path": file.source.name, "place": wrong.place or "/", "why": wrong.why}
        raise Refused(FINDINGS, "command.no_tree", **known) from None
