"""Text in the letters that every file format and font knows."""

import re
import unicodedata

_SIGNS = {
    "\u00b5": "u",  # micro sign, and the letter mu
    "\u03bc": "u",
    "\u2126": "Ohm",  # ohm sign, and the letter omega
    "\u03a9": "Ohm",
    "°": "deg",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "Æ": "AE",
    "Œ": "OE",
}
_LETTER = re.compile(r".*?\b(?:(CAPITAL|SMALL) )?LETTER (?:SHORT |DOTLESS |SMALL )?(\w+)")


def in_ascii(text: str) -> str:
    """Text in ASCII, letter by letter: é is e, Ж is Zhe, 温 is u6e29; other signs vanish."""
    return "".join(map(_spelled, text))


def _spelled(sign: str) -> str:
    if sign.isascii():
        return sign
    if sign in _SIGNS:
        return _SIGNS[sign]
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    if plain:
        return plain
    named = _LETTER.match(unicodedata.name(sign, ""))
    if named:
        word = named[2].lower()
        return word.capitalize() if named[1] == "CAPITAL" else word
    return f"u{ord(sign):x}" if sign.isalpha() else ""
