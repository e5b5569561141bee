"""What tests and conditions ask, told without the numbers that they have in one program."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b

from roteiro.core.program import Among, Condition, Conjunction, Field, Holds, Negation, Some, Test
from roteiro.lang.lint.matches import members
from roteiro.lang.lower import Shared


class Contents(Shared):
    """Shared fields and tests that can be told in a way which is the same in every program."""

    def __init__(self) -> None:
        """Begin without any."""
        super().__init__()
        self.told: list[bytes] = []
        self.keys: list[tuple[bytes, ...]] = []
        self.told_fields: dict[Field, bytes] = {}

    def content(self, condition: Condition) -> bytes:
        """Tell a condition; equal ones are told alike."""
        if isinstance(condition, Holds):
            return self.content_of_test(condition.test)
        if isinstance(condition, Negation):
            return b"(not " + self.content(condition.part) + b")"
        word = b"(and" if isinstance(condition, Conjunction) else b"(or"
        return word + b"".join(map(self.content, condition.parts)) + b")"

    def content_of_test(self, number: int) -> bytes:
        """Tell a test by its number."""
        if number >= len(self.told):
            fields, tests = list(self.fields), list(self.tests)
            self.told += (self.tell(one, fields[one.field]) for one in tests[len(self.told) :])
        return self.told[number]

    def tell(self, test: Test, field: Field) -> bytes:
        """Tell a test."""
        what = repr(replace(test, field=0)).encode()
        return blake2b(self.content_of_field(field) + what, digest_size=16).digest()

    def content_of_field(self, field: Field) -> bytes:
        """Tell a field."""
        if field not in self.told_fields:
            self.told_fields[field] = repr(field).encode()
        return self.told_fields[field]

    def keys_of_test(self, number: int) -> tuple[bytes, ...]:
        """Give what a test is found by: each element of a set, or the test itself."""
        if number >= len(self.keys):
            fields, tests = list(self.fields), list(self.tests)
            for at in range(len(self.keys), len(tests)):
                self.keys.append(tuple(self.keys_of(tests[at], fields[tests[at].field], at)))
        return self.keys[number]

    def keys_of(self, test: Test, field: Field, number: int) -> Iterator[bytes]:
        """Give the keys of a test."""
        if not isinstance(test, Some) or not isinstance(test.match, Among):
            yield self.content_of_test(number)
            return
        for part in members(test.match):
            what = self.content_of_field(field) + repr(part).encode()
            yield blake2b(what, digest_size=16).digest()
