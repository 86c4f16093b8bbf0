"""Pages act by the native API alone, carry no script and no style of their own, and trust no text
(docs/decisions/0055-pages-over-the-native-api.md).
"""

import re

import pytest

from tests.house.tree import files, text

PAGES = [name for name in files() if name.startswith("api/pages/care/") and name.endswith(".py")]
TEMPLATES = [name for name in files() if name.startswith("api/pages/care/") and name.endswith((".html", ".jinja"))]
STYLES = [name for name in files() if name.startswith("api/pages/care/static/") and name.endswith((".css", ".js"))]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_builds_a_deed_or_writes_at_the_desk(name):
    assert not re.search(r"\bDeed\(|desk\.write\(|store\.writing\(", text(name))


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_carries_script_or_style_or_trusts_a_text(name):
    said = text(name)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=|javascript:", said)
    assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", said)


@pytest.mark.parametrize("name", STYLES)
def test_nothing_is_loaded_from_another_host(name):
    assert not re.search(r"url\(|@import|https?://|eval\(", text(name))


def test_there_are_pages_to_look_at():
    assert PAGES
    assert TEMPLATES
    assert STYLES
