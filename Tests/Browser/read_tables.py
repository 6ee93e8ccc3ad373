"""Opens a page in a browser and prints its tables as JSON: read_tables.py CHROMIUM PAGE

Of each table, by its id, the texts of the header cells, and the rows' cells: as they are read, and as they are sorted.
"""

import json
import sys

from chromium import Chromium

TABLES = r"""
Object.fromEntries([...document.querySelectorAll('table')].map((table) => [table.id, {
  columns: [...table.tHead.rows[0].cells].map((cell) => cell.textContent),
  rows: [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
  keys: [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.dataset.sort ?? cell.textContent.replaceAll(',', ''))),
}]))
"""

with Chromium(sys.argv[1]) as browser:
    browser.show(sys.argv[2], 1440, "light")
    heading = browser.evaluate("document.querySelector('h1').textContent")
    json.dump({"heading": heading, "text": browser.evaluate("document.body.textContent"),
               "tables": browser.evaluate(TABLES)}, sys.stdout)
