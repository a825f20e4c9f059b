"""Which letters a PDF can show: in the font that ships here, in those that systems put in known places, or not."""

import unicodedata
from collections import Counter
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[1] / "fonts" / "dejavu-sans.woff2"
WIDER = tuple(
    Path("/usr/share/fonts") / name
    for name in (
        "truetype/droid/DroidSansFallbackFull.ttf",
        "google-droid-sans-fonts/DroidSansFallbackFull.ttf",
        "truetype/nanum/NanumGothic.ttf",
        "truetype/wqy/wqy-microhei.ttc",
        "truetype/wqy/wqy-zenhei.ttc",
        "truetype/arphic/uming.ttc",
        "truetype/unifont/unifont.ttf",
        "truetype/ancient-scripts/Symbola_hint.ttf",
        "truetype/noto/NotoNaskhArabic-Regular.ttf",
        "truetype/noto/NotoSansDevanagari-Regular.ttf",
        "truetype/noto/NotoSansHebrew-Regular.ttf",
        "truetype/noto/NotoSansThai-Regular.ttf",
    )
) + tuple(
    Path(name)
    for name in (
        "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
        "C:/Windows/Fonts/msyh.ttc",
        "C:/Windows/Fonts/msgothic.ttc",
        "C:/Windows/Fonts/malgun.ttf",
        "C:/Windows/Fonts/arial.ttf",
    )
)
BOX = "\u25a1"
SILENT = {"\u200d", "\ufe0e", "\ufe0f"}
"""What only joins emoji or says how they look."""


class Glyphs:
    """`known` are code points with a glyph. Counts what had none, for the note at the end."""

    def __init__(self, known: set[int]) -> None:
        self._known = known
        self.missing: Counter[str] = Counter()

    def shown(self, text: str) -> str:
        """A symbol without a glyph by its name, such as [rocket]; a letter as a box."""
        return "".join(
            letter if letter == "\n" or ord(letter) in self._known else self._named(letter) for letter in text
        )

    def _named(self, letter: str) -> str:
        if letter in SILENT:
            return ""
        self.missing[letter] += 1
        name = unicodedata.name(letter, "").lower()
        return f"[{name}]" if name and unicodedata.category(letter) in ("So", "Sk") else BOX

    @property
    def note(self) -> str:
        """ "" when everything could be shown."""
        if not self.missing:
            return ""
        count = self.missing.total()
        characters = "1 character has" if count == 1 else f"{count:,} characters have"
        codes = ", ".join(f"U+{ord(letter):04X}" for letter, _ in self.missing.most_common(12))
        more = " and others" if len(self.missing) > 12 else ""
        return (
            f"{characters} no glyph in the fonts of this installation ({codes}{more}): a box or a name in brackets "
            "stands in their place. Export as Markdown or JSON to keep them, or install fonts-droid-fallback (Chinese, "
            "Japanese) or fonts-nanum (Korean)."
        )
