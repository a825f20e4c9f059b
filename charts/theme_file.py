"""Carries the visual language into .streamlit/config.toml: `python -m charts.theme_file` writes the file anew."""

from pathlib import Path

from charts import look

FILE = Path(__file__).resolve().parent.parent / ".streamlit" / "config.toml"
LATIN = "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212"
LATIN_MORE = "U+0100-0130,U+0132-0151,U+0154-02BA,U+1E00-1EFF,U+20A0-20AB,U+20AD-20C0,U+2113"
FACES = (
    (look.SANS, "/assets/inter.woff2", "normal", LATIN),
    (look.SANS, "/assets/inter-italic.woff2", "italic", LATIN),
    (look.SANS, "/assets/inter-ext.woff2", "normal", LATIN_MORE),
    (look.MONO, "/assets/jetbrains-mono.woff2", "normal", LATIN),
)
SERVER = """\
# Written by `python -m charts.theme_file`; change charts/look.py or charts/theme_file.py, then run it again.

[server]
address = "127.0.0.1"
headless = true
fileWatcherType = "none"
runOnSave = false
showEmailPrompt = false
maxUploadSize = 50
maxMessageSize = 64
disconnectedSessionTTL = 120

[global]
minCachedMessageSize = 1e12

[browser]
gatherUsageStats = false

[client]
toolbarMode = "minimal"
showErrorDetails = "none"
showErrorLinks = false

[runner]
fastReruns = false
magicEnabled = false
postScriptGC = false

[logger]
level = "warning"
"""


def config_text() -> str:
    shared = {
        "font": look.SANS_STACK,
        "headingFont": look.SANS_STACK,
        "codeFont": look.MONO_STACK,
        "baseFontSize": look.BASE_PX,
        "codeFontSize": "13px",
        "headingFontSizes": list(look.HEADINGS_REM),
        "headingFontWeights": [650, 600, 600, 600, 600, 600],
        "metricValueFontSize": "1.6rem",
        "metricValueFontWeight": 600,
        "paddingTop": "4.5rem",
        "baseRadius": look.RADIUS,
        "buttonRadius": look.RADIUS,
        "linkUnderline": False,
        "showWidgetBorder": True,
        "showSidebarBorder": True,
        "chartCategoricalColors": list(look.SERIES),
        "chartSequentialColors": list(look.SEQUENTIAL),
        "chartDivergingColors": list(look.DIVERGING),
    }
    faces = [
        table(
            "[theme.fontFaces]", {"family": family, "url": url, "weight": "100 900", "style": style, "unicodeRange": r}
        )
        for family, url, style, r in FACES
    ]
    grounds = [
        table(f"theme.{name}", ground(one)) + table(f"theme.{name}.sidebar", sidebar(one))
        for name, one in (("light", look.LIGHT), ("dark", look.DARK))
    ]
    return "".join([SERVER, table("theme", shared), *faces, *grounds])


def ground(one: look.Palette) -> dict[str, object]:
    return {
        "primaryColor": one.accent,
        "backgroundColor": one.ground,
        "secondaryBackgroundColor": one.surface,
        "textColor": one.text,
        "linkColor": one.link,
        "borderColor": one.border,
        "codeBackgroundColor": one.code,
        "codeTextColor": one.text,
        "dataframeBorderColor": one.border,
        "dataframeHeaderBackgroundColor": one.surface,
        "redColor": one.bad,
        "redTextColor": one.bad,
        "orangeColor": one.warn,
        "orangeTextColor": one.warn,
        "yellowColor": one.warn,
        "yellowTextColor": one.warn,
        "greenColor": one.good,
        "greenTextColor": one.good,
        "blueColor": one.accent,
        "blueTextColor": one.link,
        "grayColor": one.muted,
        "grayTextColor": one.muted,
    }


def sidebar(one: look.Palette) -> dict[str, object]:
    return {"backgroundColor": one.sidebar, "secondaryBackgroundColor": one.surface, "borderColor": one.border}


def table(name: str, values: dict[str, object]) -> str:
    return "".join([f"\n[{name}]\n", *(f"{key} = {toml(value)}\n" for key, value in values.items())])


def toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(config_text(), "utf-8")
