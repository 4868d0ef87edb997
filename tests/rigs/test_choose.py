"""What a person types becomes the device that it describes."""

from rigs.choose import installation


def test_an_option_that_counts_or_names_a_generation_is_taken_as_typed() -> None:
    request = bytes.fromhex("000100000006 0103 9cb9 0002")  # what follows the inverter model?
    replies = []
    for option in ("mppt_units=2", "mppt_units=0"):
        (reply,) = installation(8, None, None, None, [], [option]).wire.connect().receive(request)
        replies.append(reply.data[9:].hex())
    assert replies == ["00a00030", "00010041"]
