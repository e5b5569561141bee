"""Settings: the defaults of 2f, what is written, and what `serve` does not carry out."""

import pytest

from roteiro.lang.diagnostics import Level
from roteiro.lang.messages import text
from roteiro.lang.render.text import said
from roteiro.lang.settings import (
    Backoff,
    ListenerSettings,
    NodeSettings,
    Rate,
    RouterSettings,
    Settings,
)


def settings(written: str, examine) -> Settings:
    typed, findings = examine(f"language 1\n{written}\n")
    assert [one for one in findings if one.level is Level.ERROR or one.code == "RT511"] == []
    assert typed is not None
    return typed.settings


def test_an_empty_file_has_the_defaults(examine) -> None:
    assert settings("", examine) == Settings(RouterSettings("ROTEIRO"), (), (), ())


def test_defaults(examine) -> None:
    found = settings(
        'router { }\nlistener a { port = 104 }\nnode n { ae = "N" host = "h" may = { } }', examine
    )
    assert found.router == RouterSettings("ROTEIRO")
    assert found.listeners == (ListenerSettings("a", 104, "127.0.0.1", None, accept_unknown=False),)
    assert found.nodes == (
        NodeSettings("n", "N", "h", None, frozenset(), 2, Backoff(5.0, 900.0, None)),
    )


def test_everything_that_is_carried(examine) -> None:
    found = settings(
        'router { ae = "HERE" }\n'
        'listener a { port = 104 address = "::1" called = { "A", "B" } unreadable = refuse\n'
        "  accept unknown tls = off }\n"
        'node n { ae = "N" host = "10.0.0.0/8" may = { store, echo } associations = 64\n'
        "  retry = backoff 500ms..1h for 3d external = no lossy = never deliver = stored"
        " tls = off }\n"
        'node m { ae = "M" host = "fe80::1" port = 65535 may = { echo } retry = backoff 5s..15m }',
        examine,
    )
    assert found.uncarried == ()
    assert found.router.ae == "HERE"
    (listener,) = found.listeners
    assert listener == ListenerSettings(
        "a", 104, "::1", frozenset(("A", "B")), accept_unknown=True, refuse_unreadable=True
    )
    one, two = found.nodes
    assert one.may == {"store", "echo"}
    assert one.retry == Backoff(0.5, 3600.0, 259200.0)
    assert (one.associations, one.host, one.port) == (64, "10.0.0.0/8", None)
    assert (two.port, two.retry) == (65535, Backoff())


SECURE = 'tls = required certificate = "router.pem" key = secret("file:router.key")'


@pytest.mark.parametrize(
    ("item", "written"),
    [
        ("listener", 'certificate = "router.pem"'),
        ("listener", 'key = secret("file:router.key")'),
        ("listener", 'client_ca = "ca.pem"'),
        ("node", "tls = required"),
        ("node", 'url = "https://x/"'),
        ("node", "accept_syntax = { ExplicitVRLittleEndian, JPEGLSLossless }"),
        ("node", "lossy = allowed"),
        ("node", "deliver = cut_through"),
        ("node", "external = yes"),
    ],
)
def test_what_is_not_carried_is_listed(item: str, written: str, examine) -> None:
    needs = "port = 104" if item == "listener" else 'ae = "N" host = "h" may = { echo }'
    text = f"{item} x {{ {needs} {written} }}"
    (found,) = settings(text, examine).uncarried
    whole = f"language 1\n{text}\n"
    assert whole[found.span.start : found.span.end] == written
    assert found.what.startswith(f"`{written.split(maxsplit=1)[0]}`: ")


@pytest.mark.parametrize("role", ["query", "move", "get", "worklist", "mpps", "commit", "hl7"])
def test_roles_that_are_not_carried_are_listed(role: str, examine) -> None:
    text = f'node x {{ ae = "N" host = "h" may = {{ store, {role}, echo }} }}'
    found = settings(text, examine)
    assert found.nodes[0].may == {"store", role, "echo"}
    (one,) = found.uncarried
    whole = f"language 1\n{text}\n"
    assert whole[one.span.start : one.span.end] == role
    assert one.what.startswith(f"`{role}`: this version ")


def test_every_role_that_is_not_carried_says_so(examine) -> None:
    text = 'node x { ae = "N" host = "h" may = { query, move, get, worklist, mpps, commit, hl7 } }'
    assert len(settings(text, examine).uncarried) == 7


def test_urgency_is_carried(examine) -> None:
    found = settings(
        'node p { ae = "P" host = "h" port = 1 }\n'
        "table t all { rule r { send to p urgency stat } }",
        examine,
    )
    assert found.uncarried == ()


@pytest.mark.parametrize(
    ("rate", "right"),
    [
        ("400 per second burst 800", True),
        ("0.5 per second", True),
        ("20MiB per second burst 40MiB", True),
        ("0 per second", False),
        ("4 per second burst 0", False),
        ("400 per second burst 1MiB", False),
        ("1MiB per second burst 800", False),
        ("4 per minute", False),
    ],
)
def test_rates(rate: str, right: bool, examine) -> None:
    text = f'language 1\nnode n {{ ae = "N" host = "h" may = {{ echo }} rate = {rate} }}\n'
    typed, findings = examine(text)
    assert [one.code for one in findings] == ([] if right else ["RT108"])
    assert (typed is not None) == right


def test_a_rate_without_a_burst_is_that_of_a_second(examine) -> None:
    rates = (
        "0.5 per second",
        "4 per second burst 9",
        "20MiB per second",
        "1KiB per second burst 2MiB",
    )
    for rate, wanted in zip(
        rates,
        (
            Rate(0.5, 0.5, in_bytes=False),
            Rate(4, 9, in_bytes=False),
            Rate(20 * 2**20, 20 * 2**20, in_bytes=True),
            Rate(2**10, 2 * 2**20, in_bytes=True),
        ),
        strict=True,
    ):
        found = settings(f'node n {{ ae = "N" host = "h" port = 1 rate = {rate} }}', examine)
        assert (found.nodes[0].rate, found.uncarried) == (wanted, ())
    plain = settings('node n { ae = "N" host = "h" port = 1 }', examine)
    assert plain.nodes[0].rate is None


@pytest.mark.parametrize(
    ("written", "missing"),
    [
        ("tls = required", "`certificate` and `key`"),
        ('tls = required certificate = "router.pem"', "`key`"),
        ('tls = required key = secret("file:router.key")', "`certificate`"),
        ("tls = off", None),
        (SECURE, None),
    ],
)
def test_tls_needs_a_certificate_and_its_key(written: str, missing: str | None, examine) -> None:
    _, findings = examine(f"language 1\nlistener l {{ port = 104 {written} }}\n")
    found = [(one.code, said(one.message, "en")) for one in findings]
    assert found == ([("RT109", f"`l` lacks {missing}")] if missing else [])


def test_what_is_not_carried_is_said_in_the_readers_language(examine) -> None:
    text_of_it = f"listener l {{ port = 104 {SECURE} }}"
    found = next(iter(settings(text_of_it, examine).uncarried))
    assert "this version does not speak TLS" in text(
        "command.uncarried", "en", place="x", what=found.what
    )
    assert "esta versão não" in text("command.uncarried", "pt", place="x", what=found.what)


def test_what_is_not_carried_comes_in_the_order_of_its_places(examine) -> None:
    found = settings(
        'node p { ae = "P" host = "h" port = 1 lossy = allowed }\n'
        "pool q = balance PatientID over (p)\nlistener l { port = 104 " + SECURE + " }\n"
        "table t all { rule r { send to q batch by study after 5m late all } }",
        examine,
    ).uncarried
    assert [one.what.partition(":")[0] for one in found] == [
        "`lossy`",
        "`balance`",
        "`tls`",
        "`certificate`",
        "`key`",
        "`late`",
    ]
