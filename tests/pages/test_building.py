"""The styles of the pages come from nowhere else, and their colours have names that a dark theme can redefine."""

import re

import pytest

from api.pages.building import styled
from api.pages.care import shown
from api.pages.theming import GROUNDS, INKS, LINES, themed
from tests.support.built import BUILT


def test_no_style_is_loaded_from_another_host():
    font = "@font-face{font-family:Frutiger W01;src:url(https://assets.example/a.woff2)}"
    image = "a{background:url(/assets/images/nhsuk-icon-cross.svg)}"
    assert styled(f"{font}{image}") == "a{background:url(cross.svg)}"


@pytest.mark.parametrize("css", ['@import "x.css";', "a{background:url(//host/x)}", 'a{background:url("https://h/x")}'])
def test_a_style_that_still_would_be_is_refused(css):
    with pytest.raises(ValueError, match="another host"):
        styled(css)


@pytest.mark.parametrize(
    "css, becomes",
    [
        ("a{color:#212b32}", "a{color:var(--ink-212b32,#212b32)}"),
        ("a{border:1px solid #d8dde0;top:0}", "a{border:1px solid var(--line-d8dde0,#d8dde0);top:0}"),
        ("a{background:#fff;color:#4c6272}", "a{background:var(--ground-fff,#fff);color:var(--ink-4c6272,#4c6272)}"),
        ("@media print{a{color:#005eb8}}", "@media print{a{color:var(--ink-005eb8,#005eb8)}}"),
        # What brings its own ground keeps what goes with it.
        ("a{background:#005eb8;color:#fff}", "a{background:#005eb8;color:#fff}"),
        ("a:focus{color:#212b32}", "a:focus{color:#212b32}"),
        (":root{--nhsuk-blue-colour:#005eb8}", ":root{--nhsuk-blue-colour:#005eb8}"),
        ("a{margin:0}", "a{margin:0}"),
    ],
)  # fmt: skip
def test_a_colour_gets_a_name_where_it_stands_on_the_pages_own_ground(css, becomes):
    assert themed(css) == becomes


@BUILT
def test_every_name_in_the_styles_has_a_dark_value():
    used = set(re.findall(rb"var\((--(?:ink|line|ground)-[a-z0-9-]+)", shown.ASSETS["nhsuk.css"]))
    given = set(re.findall(rb"(--(?:ink|line|ground)-[a-z0-9-]+):", shown.ASSETS["care.css"]))
    assert used
    assert used <= given
    assert len(used) <= len(GROUNDS) + len(INKS) + len(LINES)
