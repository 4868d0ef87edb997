"""Ten thousand bent SML telegrams break no rule; a driver that lets one through is noticed."""

from bench import fuzz_sml
from controller.drivers import sml


def test_ten_thousand_bent_telegrams_break_no_rule():
    found = fuzz_sml.run(10_000, seed=7, slow=1.0)  # speed is for `make fuzz`: other programs run beside the tests
    assert not found.broken
    assert found.read > 500
    assert found.refused > 5_000


def test_a_decoder_that_lets_its_library_fall_over_is_noticed(monkeypatch):
    monkeypatch.setattr(sml, "sound", lambda content: True)
    monkeypatch.setattr(sml, "Garbled", sml.LineTimeout)

    def open_to_all(content: bytes) -> sml.Telegram:
        raise ValueError("as the library does")

    monkeypatch.setattr(sml, "decoded", open_to_all)
    assert {reason for reason, _ in fuzz_sml.run(200, seed=7).broken} == {"ValueError: as the library does"}
