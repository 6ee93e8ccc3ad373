"""Opens a page in a browser and prints its tables and charts as JSON: read_tables.py CHROMIUM PAGE

Of each table, by its id, the texts of the header cells, and the rows' cells: as they are read, and as they are sorted.
Of each chart, by its id, the texts in it by their kind, what a pointer tells of its marks, its description, and the words
above it. Charts are read as they are before the page's script has taken their tips.
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

CHARTS = r"""
Object.fromEntries([...document.querySelectorAll('svg')].map((svg) => {
  const texts = (selector) => [...svg.querySelectorAll(selector)].map((element) => element.textContent);
  return [svg.querySelector('title').id.replace(/-title$/, ''), {
    name: svg.querySelector('title').textContent,
    description: svg.querySelector('desc').textContent,
    title: svg.closest('figure')?.querySelector('h3').textContent ?? '',
    unit: svg.closest('figure')?.querySelector('.unit').textContent ?? '',
    names: texts('text.name'), values: texts('text.value'), ticks: texts('text.tick'),
    tips: texts('rect > title'),
  }];
}))
"""

FIGURES = r"""
Object.fromEntries([...document.querySelectorAll('.figure')].map((figure) => [figure.querySelector('.name').textContent, {
  value: figure.querySelector('.value').textContent, change: figure.querySelector('.change')?.textContent ?? '',
}]))
"""

with Chromium(sys.argv[1]) as browser:
    browser.show(sys.argv[2], 1440, "light")
    heading = browser.evaluate("document.querySelector('h1').textContent")
    page = {"heading": heading, "text": browser.evaluate("document.body.textContent"),
            "tables": browser.evaluate(TABLES), "figures": browser.evaluate(FIGURES)}
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.show(sys.argv[2], 1440, "light")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    json.dump(page | {"charts": browser.evaluate(CHARTS)}, sys.stdout)
