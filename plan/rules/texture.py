"""The levels of food and drink, by number and by name.

Source: IDDSI Framework, Detailed Definitions 2.0 (2019): drinks are levels 0 to 4, foods 3 to 7; levels 3 and 4 are
both, and level 7 has "easy to chew" beside "regular". What is no term of it ("soft diet") is not guessed at.
"""

from collections.abc import Mapping

NOTHING = "nothing by mouth"
PLAIN = frozenset({"food", "all food", "eating", "oral diet", "oral intake"})
"""What stands for all that is eaten."""


def _numbered(number: str, *more: str) -> tuple[str, ...]:
    return (f"iddsi {number}", f"level {number}", f"iddsi level {number}", *more)


FOOD: Mapping[str, str] = {
    **dict.fromkeys(_numbered("7", "regular", "regular diet", "normal", "normal diet", "level 7 regular"), "7"),
    **dict.fromkeys(_numbered("7 easy to chew", "easy to chew", "regular easy to chew"), "7 easy to chew"),
    **dict.fromkeys(_numbered("6", "soft and bite sized", "soft bite sized", "level 6 soft and bite sized"), "6"),
    **dict.fromkeys(_numbered("5", "minced and moist", "minced moist", "level 5 minced and moist"), "5"),
    **dict.fromkeys(_numbered("4", "pureed", "puree", "pureed diet", "level 4 pureed", "iddsi level 4 pureed"), "4"),
    **dict.fromkeys(_numbered("3", "liquidised", "liquidised diet", "level 3 liquidised"), "3"),
}
DRINK: Mapping[str, Mapping[str, str]] = {
    "words": {
        **dict.fromkeys(("thin", "thin fluids", "normal fluids", "level 0 thin"), "0"),
        **dict.fromkeys(("slightly thick", "level 1 slightly thick"), "1"),
        **dict.fromkeys(("mildly thick", "level 2 mildly thick"), "2"),
        **dict.fromkeys(("moderately thick", "level 3 moderately thick"), "3"),
        **dict.fromkeys(("extremely thick", "level 4 extremely thick"), "4"),
    },
    "numbers": {name: number for number in "01234" for name in _numbered(number)},
    "about": dict.fromkeys(("drink", "drinks", "fluids", "thickened fluids", "liquids"), ""),
}
"""`words` are said of drinks only; `numbers` where the instruction is about drinks."""
