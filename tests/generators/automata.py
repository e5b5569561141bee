"""Small expressions over few letters, so that values meet them."""

from hypothesis import strategies as st

from roteiro.core.program import Chars, Choice, Repeat, Sequence

A, B = Chars(((97, 97),)), Chars(((98, 98),))
ANY = Chars(((0, 0x10FFFF),))

chars = st.sampled_from([A, B, ANY, Chars(()), Chars(((97, 98), (0xDC, 0xFC), (0x1F600, 0x1F64F)))])
expressions = st.recursive(
    chars,
    lambda part: (
        st.lists(part, max_size=3).map(lambda parts: Sequence(tuple(parts)))
        | st.lists(part, max_size=3).map(lambda parts: Choice(tuple(parts)))
        | st.tuples(part, st.integers(0, 2), st.none() | st.integers(0, 2)).map(
            lambda drawn: Repeat(drawn[0], drawn[1], None if drawn[2] is None else sum(drawn[1:]))
        )
    ),
    max_leaves=8,
)
