"""RT323: a pool with one member chooses nothing."""

from roteiro.lang import nodes
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint


def look(program: Program) -> None:
    """Report pools with one member."""
    for pool in program.of(nodes.Pool):
        if len(pool.members) == 1:
            member = pool.members[0].text
            helped = hint("pool_of_one_help", member=member)
            program.report.add(
                "RT323", pool.name.span, "pool_of_one", help=helped, name=pool.name.text
            )
