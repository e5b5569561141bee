"""RT510: the guard drops objects, which the sender believes to be kept, and tells nobody."""

from roteiro.lang import nodes
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint


def look(program: Program) -> None:
    """Report the drops of the guard, `otherwise` included."""
    for guard in program.of(nodes.Guard):
        verdicts = [*(rule.verdict for rule in guard.rules), guard.otherwise]
        for verdict in verdicts:
            if isinstance(verdict, nodes.DropIt):
                program.report.add("RT510", verdict.span, "drop", help=hint("drop_help"))
