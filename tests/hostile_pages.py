"""Attacks on whoever looks at a notebook: cells that a student may hand in, or whose outputs they make.

In each text `{hit}` stands for any script and `{url}` for any address inside Jupyter: on a page that
is not guarded, one of the two is reached.  `PICTURE` is an honest picture.
"""

from __future__ import annotations

import zlib
from typing import Any

from nbformat import NotebookNode, v4

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'

#: Markdown, which formgrader and feedback pages render without a filter.
MARKDOWN = {
    "script": "<script>{hit}</script>",
    "script-upper": "<SCRIPT\n>{hit}</SCRIPT\t>",
    "onerror": "<img src=x onerror={hit}>",
    "onerror-by-maths": "$a$<img src=x onerror={hit}>$b$",
    "onload-slash": "<div>\n<svg/onload={hit}>\n</div>",
    "svg-script": "<svg><script>{hit}</script></svg>",
    "svg-animate": '<svg><a><animate attributeName="href" values="javascript:{hit}"/>'
    '<text x="9" y="20">a</text></a></svg>',
    "details-toggle": "<details open ontoggle={hit}><summary>a</summary>b</details>",
    "autofocus": "<input autofocus onfocus={hit}>",
    "hover": "<b onmouseover={hit}>read me</b>",
    "iframe": '<iframe src="javascript:top.{hit}"></iframe>',
    "srcdoc": "<iframe srcdoc=\"<script>top.{hit}</script>\"></iframe>",
    "object": '<object data="{url}"></object>',
    "embed": '<embed src="{url}">',
    "form": '<form action="{url}"><button>Next</button></form>',
    "button": '<form id="f"></form><button form="f" formaction="javascript:{hit}">Next</button>',
    "meta": '<meta http-equiv="refresh" content="0;url={url}">',
    "base": '<base href="{url}/"><a href="next">next</a>',
    "style-import": "<style>@import url({url});</style>",
    "link-css": '<link rel="stylesheet" href="{url}">',
    "style-url": '<div style="background:url({url})">a</div>',
    "body": '<body onpageshow="{hit}" onhashchange="{hit}" onfocusin="{hit}">',
    "link": "[next](javascript:{hit})",
    "link-case": "[next](JaVaScRiPt:{hit})",
    "link-entity": "[next](java&#115;cript&colon;{hit})",
    "link-newline": '<a href="java\nscript:{hit}">next</a>',
    "link-controls": '<a href="&#1;javascript:{hit}">next</a>',
    "link-reference": "[next][1]\n\n[1]: javascript:{hit}",
    "link-autolink": "<javascript:{hit}>",
    "link-files": "[next](files/javascript:{hit})",
    "link-files-html": '<a href="/files/javascript:{hit}">next</a>',
    "link-html": '<a href="javascript:{hit}">next</a>',
    "link-file-beside": "[my plot](plot.html?{url})",
    "link-inside": "[next]({url})",
    "link-inside-absolute": "[next](http://127.0.0.1:8888/formgrader?path={url})",
    "link-formgrader": "[next](https://hub.example.org/user/teacher/formgrader?path={url})",
    "picture-inside": "![a]({url})",
    "picture-elsewhere": "![a](https://example.org{url})",
    "picture-html": '<img alt="a" src="{url}">',
    "picture-reference": "![a][1]\n\n[1]: {url}",
    "mermaid": "```mermaid\n<img src=x onerror={hit}>\n```",
    "comment": "<!--><img src=x onerror={hit}>-->",
    "comment-bang": "<!-- --!><img src=x onerror={hit}> -->",
    "cdata": "<![CDATA[>]]><img src=x onerror={hit}>",
    "table-cell": "| a | b |\n|---|---|\n| <img src=x onerror={hit}> | c |",
    "heading": "# <img src=x onerror={hit}>",
    "fence-left": "```\n```\n<img src=x onerror={hit}>\n```",
    "nested": "<scr<script>ipt>{hit}</scr</script>ipt><img src=x onerror={hit}>",
    "textarea": "<textarea></textarea><img src=x onerror={hit}>",
    "template": "<select><template></template></select><img src=x onerror={hit}>",
    "data-target": '<a href="#" data-toggle="collapse" data-target="<img src=x onerror={hit}>">a</a>',
}  # fmt: skip

#: Outputs: a student's code can make any.
HTML = {
    "out-script": "<script>{hit}</script>",
    "out-onerror": "<img src=x onerror={hit}>",
    "out-onload": f'<img alt="a" src="data:image/png;base64,{PICTURE}" onload="{{hit}}">',
    "out-unclosed": "<img src=x onerror={hit} ",
    "out-form": '<form action="{url}"><button>Next</button></form>',
    "out-iframe": "<iframe srcdoc=\"<script>top.{hit}</script>\"></iframe>",
    "out-link": '<a href="javascript:{hit}">next</a>',
    "out-link-inside": '<a href="{url}">next</a>',
    "out-area": f'<img usemap="#m" src="data:image/png;base64,{PICTURE}"><map name="m">'
    '<area shape="default" href="javascript:{hit}"></map>',
    "out-style": "<style>.output_html {{ background: url({url}) }}</style>",
    "out-svg": _SVG.format("<script>{hit}</script>"),
    "out-mixed": "<table><td><table><img src=x onerror={hit}></table>",
    "out-quotes": "<a title='\"><img src=x onerror={hit}>' href=#>a</a><img src=x onerror={hit}>",
    "out-mathml": "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;"
    "&lt;img src=x onerror={hit}&gt;\"><img src=x onerror={hit}>",
}  # fmt: skip
OTHER_OUTPUTS: dict[str, dict[str, Any]] = {
    "js": {"application/javascript": "{hit}"},
    "markdown": {"text/markdown": "<img src=x onerror={hit}>"},
    "markdown-link": {"text/markdown": "[next](javascript:{hit})"},
}

#: Pages typeset these with MathJax.
LATEX = {
    "href": r"$\href{{https://hub.example.org{url}}}{{next}}$",
    "href-script": r"$\href{{javascript:{hit}}}{{next}}$",
    "style": r"$\style{{background:url({url})}}{{next}}$",
    "token": r'$\mmlToken{{mi}}[href="https://hub.example.org{url}"]{{next}}$',
}


def number(name: str) -> int:
    """An attack's number: a script needs no quotes to tell it."""
    return zlib.crc32(name.encode())


def fill(text: str, name: str) -> str:
    return text.format(hit=f"hit({number(name)})", url=f"/attack-{name}")


def markdown(text: str, **more: Any) -> NotebookNode:
    return v4.new_markdown_cell(text, **more)


def output(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> NotebookNode:
    shown = v4.new_output("display_data", data=data, metadata=metadata or {})
    return v4.new_code_cell("show()", outputs=[shown])


def attacks() -> dict[str, NotebookNode]:
    """A cell for each attack."""
    found = {name: markdown(fill(text, name)) for name, text in MARKDOWN.items()}
    found |= {name: output({"text/html": fill(text, name)}) for name, text in HTML.items()}
    for name, data in OTHER_OUTPUTS.items():
        found[name] = output({mime: fill(text, name) for mime, text in data.items()})
    found["raw"] = v4.new_raw_cell(fill("<a href={url}>next</a>", "raw"))
    found["width"] = output(
        {"image/png": "none"}, {"image/png": {"width": fill("9 onerror={hit}", "width")}}
    )
    found["file-name"] = output(
        {"image/png": PICTURE}, {"filenames": {"image/png": fill("{url}", "file-name")}}
    )
    found["grade-id"] = markdown("an answer")
    found["grade-id"].metadata.nbgrader = {
        "grade_id": fill('"><img src=x onerror={hit}>', "grade-id"),
        **{"grade": True, "solution": True, "locked": False, "schema_version": 3, "points": 1},
    }
    return found


def latex_attacks() -> dict[str, NotebookNode]:
    found = {f"md-{n}": markdown(fill(text, f"md-{n}")) for n, text in LATEX.items()}
    found |= {
        f"out-{n}": output({"text/latex": fill(text, f"out-{n}")}) for n, text in LATEX.items()
    }
    for name, begin in {"split": r"\hr<!-- -->ef", "entity": "&#92;href"}.items():
        text = f"${begin}{{https://hub.example.org/attack-out-{name}}}{{next}}$"
        found[f"out-{name}"] = output({"text/html": text})
        found[f"md-{name}"] = markdown(f"<p>{text.replace('out-', 'md-')}</p>")
    return found
