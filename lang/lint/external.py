"""RT501: an external node must not get what no profile has gone over."""

from collections.abc import Iterator

from roteiro.lang import nodes
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint


def look(program: Program) -> None:
    """Report sends to external nodes, or to pools with one, without a profile on the way."""
    outside = {name for name, node in program.names.nodes.items() if external(node)}
    for send in sends(program):
        if any(profiled(program, option) for option in send.options):
            continue
        for name in send.destinations:
            reached = sorted(outside & members(program, name.text))
            if reached:
                label = program.report.label(
                    program.names.nodes[reached[0]].name.span, "external_here"
                )
                program.report.add(
                    "RT501",
                    name.span,
                    "external",
                    labels=(label,),
                    help=hint("external_help"),
                    name=reached[0],
                )


def external(node: nodes.Node) -> bool:
    """Whether a node is outside of the house."""
    return any(
        entry.name.text == "external"
        and isinstance(entry.value, nodes.Name)
        and entry.value.text == "yes"
        for entry in node.properties
    )


def sends(program: Program) -> Iterator[nodes.SendTo]:
    """Give every send of the tables."""
    for table in program.of(nodes.Table):
        actions = [action for rule in table.rules for action in rule.actions]
        actions += table.otherwise.actions if table.otherwise else ()
        yield from (action for action in actions if isinstance(action, nodes.SendTo))


def profiled(program: Program, option: nodes.SendOption) -> bool:
    """Whether an option applies a profile, or something that could not be read."""
    return isinstance(option, nodes.Via) and any(
        name.text in program.names.profiles or name.text not in program.names.transforms
        for name in option.names
    )


def members(program: Program, name: str) -> set[str]:
    """Give the nodes that a destination stands for."""
    pool = program.names.pools.get(name)
    return {name} if pool is None else {member.text for member in pool.members}
