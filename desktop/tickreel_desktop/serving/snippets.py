"""What to write in a program that asks the replay server, by language."""

from __future__ import annotations

from typing import NamedTuple

SNIPPETS = {"python": "Python", "node": "Node", "curl": "curl", "arrow": "Notebook"}
"""Languages by their key, as they are shown."""

_OPTIONS = """{"exchange": "EXCHANGE", "symbols": ["SYMBOL"],
           "from": "FROM", "to": "TO", "dataTypes": ["trade"]}"""
_PYTHON = """import json, urllib.parse, urllib.request

options = OPTIONS
url = "ADDRESS/replay-normalized?options="
for line in urllib.request.urlopen(url + urllib.parse.quote(json.dumps(options))):
    print(json.loads(line))"""
_NODE = """const options = OPTIONS
const url = 'SOCKET/ws-replay-normalized?options=' + encodeURIComponent(JSON.stringify(options))
new WebSocket(url).onmessage = ({ data }) => console.log(JSON.parse(data))"""
_CURL = """curl -G ADDRESS/replay-normalized --data-urlencode \\
  'options=OPTIONS'"""
_ARROW = """import urllib.request, pyarrow as pa

url = "ADDRESS/rows?exchange=EXCHANGE&symbol=SYMBOL&type=trades&from=FROM&to=TO"
table = pa.ipc.open_stream(urllib.request.urlopen(url)).read_all()"""
_TEXTS = {"python": _PYTHON, "node": _NODE, "curl": _CURL, "arrow": _ARROW}


class Example(NamedTuple):
    """Something that is held."""

    exchange: str
    symbol: str
    day: str
    day_after: str


def snippet(language: str, address: str, example: Example) -> str:
    """Write a snippet for the server at an address."""
    text = _TEXTS[language].replace("OPTIONS", _OPTIONS)
    text = text.replace("ADDRESS", address).replace("SOCKET", address.replace("http", "ws", 1))
    for word, value in zip(("EXCHANGE", "SYMBOL", "FROM", "TO"), example, strict=True):
        text = text.replace(word, value)
    return text
