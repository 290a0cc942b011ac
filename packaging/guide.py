"""Make the pages of Help a site that any web server can serve, or that is opened as it lies.

Run by ``make site``, into ``build/site``, by MkDocs, in an environment of its own. The pages, their
groups and their order are those of Help; a link that leads nowhere ends it.
"""

from __future__ import annotations

import json
import re
import shutil
import sys

from setup_venv import ROOT, find_uv, run

from tickreel_desktop.help.pages import GROUPS

REQUIREMENTS = ROOT / "packaging" / "requirements-site.txt"
SITE = ROOT / "build" / "site"
_PAGES = ROOT / "resources" / "tickreel_resources" / "docs"
_BUILD = ROOT / "build" / "site-build"
_STYLE = "pictures/themes.css"
_ONE_OF_BOTH = """
[data-bs-theme="dark"] .when-light { display: none }
:root:not([data-bs-theme="dark"]) .when-dark { display: none }
"""


def main() -> None:
    """Make the site."""
    uv = find_uv()
    venv = _BUILD / "venv"
    run(uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, venv)
    python = venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    run(uv, "pip", "sync", "--quiet", "--python", python, "--require-hashes", REQUIREMENTS)
    pages = _BUILD / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(_PAGES, pages)
    for page in pages.glob("*.md"):
        page.write_text(_in_both_themes(page.read_text(encoding="utf-8")), encoding="utf-8")
    (pages / _STYLE).write_text(_ONE_OF_BOTH, encoding="utf-8")
    # What a site opens first is called so.
    (pages / "index.md").write_text(_first_page(), encoding="utf-8")
    config = _BUILD / "mkdocs.json.yml"
    config.write_text(json.dumps(_config(str(pages)), indent=1), encoding="utf-8")  # JSON is YAML too
    run(python, "-m", "mkdocs", "build", "--quiet", "--strict", "--config-file", config, "--site-dir", SITE)
    print(f"{SITE.relative_to(ROOT)}/index.html")


def _in_both_themes(markdown: str) -> str:
    """Put the light picture beside each dark one; the style shows that of the reader's theme."""
    pair = r"\1-dark.webp){.when-dark}\1-light.webp){.when-light}"
    return re.sub(r"(!\[[^\]]*\]\(pictures/[\w-]+)-dark\.webp\)", pair, markdown)


def _first_page() -> str:
    lines = ["# Tickreel", ""]
    for title, names in GROUPS:
        lines += [f"## {title}", "", *(f"- [{_title(name)}]({name}.md)" for name in names), ""]
    return "\n".join(lines)


def _title(name: str) -> str:
    first, *_ = (_PAGES / f"{name}.md").read_text(encoding="utf-8").splitlines()
    return first.removeprefix("# ")


def _config(pages: str) -> dict[str, object]:
    nav: list[dict[str, object]] = [{"Tickreel": "index.md"}]
    nav += [{title: [f"{name}.md" for name in names]} for title, names in GROUPS]
    return {
        "site_name": "Tickreel",
        "docs_dir": pages,
        "nav": nav,
        "use_directory_urls": False,  # so that it can be opened from a folder
        "theme": {"name": "mkdocs", "color_mode": "auto", "user_color_mode_toggle": True},
        "plugins": ["search"],
        "extra_css": [_STYLE],
        "markdown_extensions": ["attr_list", "tables", "fenced_code", {"toc": {"permalink": True}}],
        "validation": {
            "nav": {"omitted_files": "warn", "not_found": "warn"},
            "links": {"not_found": "warn", "anchors": "warn", "unrecognized_links": "warn"},
        },
    }


if __name__ == "__main__":
    main()
