"""The economic class by the words of what is paid for."""

from __future__ import annotations

from features.economic_class import economic_classes

WORDS = {"30215": ["会议"], "30216": ["培训", "培训会议"], "31002": ["电脑"]}


def test_the_longest_word_decides_and_any_word_will_do() -> None:
    classes = economic_classes(WORDS)
    assert classes.proposed("业务培训会议", "30216") == ""
    assert classes.proposed("业务培训会议", "30215") == ""
    assert classes.proposed("业务培训会议", "30201") == "30216"
    assert classes.proposed("培训、会议", "30201") is None  # two words of one length
    assert classes.proposed("绿化", "30201") is None
    assert classes.proposed("电脑", "30902") == ""  # the same thing under its other series


def test_the_same_mapping_is_looked_at_once_and_each_keeps_its_own() -> None:
    assert economic_classes(WORDS) is economic_classes(WORDS)
    many = [{"30216": [f"培训{number}"]} for number in range(60)]
    for number, words in enumerate([*many, *many]):
        proposed = economic_classes(words).proposed(f"培训{number % 60}", "30201")
        assert proposed == "30216"
    # control: another mapping's words are others
    assert economic_classes(many[7]).proposed("培训8", "30201") is None
    # one that is gone leaves its place to another, which is not taken for it
    for number in range(60):
        assert economic_classes({"30216": [str(number)]}).proposed(str(number), "30216") == ""
