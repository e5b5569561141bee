"""Other layouts of a text: the same tokens and comments, other spaces and ends of lines."""

from random import Random

from roteiro.lang.fmt.tokens import Token, scan

COMMENTS = ("# why", "## said of it", "#", "# route: ignore[wrong-type] known", '# { " ) , é 日本')


def mangled(text: str, dice: Random, *, comments: float, breaks: float) -> str:
    """Write the tokens of a text again, with shares of new comments and ends of lines."""
    pieces: list[str] = []
    for token in scan(text):
        pieces.append(gap(dice, comments, breaks))
        for words, _ in token.before:
            pieces.append(f"\n{' ' * dice.randrange(8)}{words}\n")
        pieces.append(token.text)
        if token.trail:
            pieces.append(f"{' ' * dice.randrange(3)}{token.trail}\n")
    return "".join(pieces).lstrip()


def gap(dice: Random, comments: float, breaks: float) -> str:
    """Give what stands between two tokens."""
    chance = dice.random()
    if chance < comments:
        start = dice.choice(("", " ", "\n", "\n\n  "))
        return f"{start} {dice.choice(COMMENTS)}{dice.choice(('', '  ', chr(9)))}\n"
    if chance < comments + breaks:
        return "\n" * dice.choice((1, 1, 1, 2, 4)) + " " * dice.choice((0, 2, 4, 9, 30))
    return dice.choice((" ", " ", "   ", "\t"))


def glued(text: str) -> str:
    """Write the tokens of a text on as few lines as comments allow, with single spaces."""
    pieces: list[str] = []
    for token in scan(text):
        pieces += [f"\n{words}\n" for words, _ in token.before]
        pieces.append(spaced(token))
    return "".join(pieces)


def spaced(token: Token) -> str:
    return f"{token.text} {token.trail}\n" if token.trail else f"{token.text} "
