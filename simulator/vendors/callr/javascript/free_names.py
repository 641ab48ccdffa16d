"""Which names JavaScript uses without declaring them, read roughly: good for remarks, not for running."""

from __future__ import annotations

import re

_SILENT = re.compile(r"//[^\n]*|/\*.*?\*/|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"", re.DOTALL)
_TEMPLATE = re.compile(r"`((?:[^`\\]|\\.)*)`", re.DOTALL)
_HOLE = re.compile(r"\$\{([^{}`]*)\}")
_PATTERN = re.compile(r"(?:^|(?<=[(,=:\[!&|?;]))\s?/(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_TOKEN = re.compile(r"[A-Za-z_$][\w$]*|\.\.\.|=>|===?|\?\.|\d[\w.]*|[^\s\w]", re.ASCII)
_KEYWORDS = """
    arguments async await break case catch class const continue debugger default delete do else export extends
    false finally for from function get if import in instanceof let new null of return set static super switch
    this throw true try typeof undefined var void while with yield
    """
_DECLARING = ("let", "const", "var", "function", "class", "catch")


def free_names(source: str) -> list[str]:
    """Return the names that right JavaScript takes from outside, `$variables` left out, each once."""
    bare = _PATTERN.sub(" '' ", _SILENT.sub(" '' ", _TEMPLATE.sub(_holes, source)))
    words = ["", *_TOKEN.findall(bare), ""]
    known = {*_KEYWORDS.split(), *_declared(words)}
    return [
        word
        for word in dict.fromkeys(
            word
            for before, word, after in zip(words, words[1:], words[2:], strict=False)
            if word.isidentifier() and before not in (".", "?.") and after != ":"
        )
        if word not in known
    ]


def _holes(template: re.Match[str]) -> str:
    return " ".join(f"({hole})" for hole in _HOLE.findall(template[1])) or "''"


def _declared(words: list[str]) -> list[str]:
    """Return the names that are declared, given a value, or parameters, and some more beside those."""
    names: list[str] = []
    opened, last, declaring = [0], 0, False
    for place, word in enumerate(words):
        if word == "(":
            opened.append(place)
        elif word == ")":
            last = opened.pop() if len(opened) > 1 else 0
        elif word == "=>":
            names += words[last:place] if words[place - 1] == ")" else [words[place - 1]]
        elif word == "=":
            names.append(words[place - 1])
        declaring = word in _DECLARING or (declaring and word not in ("=", ";", ")"))
        if declaring:
            names.append(word)
    return names
