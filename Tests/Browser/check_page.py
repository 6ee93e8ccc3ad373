"""Opens pages in a browser, at both widths and in both colour schemes, and tells what is wrong with them.

    check_page.py CHROMIUM PAGE…

Prints a line for each fault, and for each page `PAGE: N tables, N images, N headings` when it was looked at. A page must
say nothing on the console, ask for nothing, be no wider than the screen, have its headings in order, text that stands out
from what is behind it (a contrast of 4.5, WCAG 2.2, 1.4.3), a name for every image, and tables that have a name and header
cells, are scrolled where they are too wide, and do what their header cells and filters offer.
"""

import sys

from chromium import Chromium

FAULTS = r"""
(() => {
  const faults = [];
  const where = (element) => `${element.tagName.toLowerCase()}${element.id ? '#' + element.id : ''}.${element.getAttribute('class') ?? ''} “${element.textContent.trim().slice(0, 40)}”`;
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) {
    faults.push(`wider than the screen: ${wide} > ${innerWidth}`);
    for (const element of document.body.querySelectorAll('*')) {
      if (element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('.scroll, pre')) { faults.push(`  reaches out: ${where(element)}`); break; }
    }
  }
  for (const svg of document.querySelectorAll('svg')) {
    for (const text of svg.querySelectorAll('text')) {
      const [inner, outer] = [text.getBoundingClientRect(), svg.getBoundingClientRect()];
      if (inner.left < outer.left - 2 || inner.right > outer.right + 2 || inner.top < outer.top - 2 || inner.bottom > outer.bottom + 2) faults.push(`text outside of its image: ${where(text)} in ${svg.getAttribute('aria-label')}`);
    }
  }

  let level = 0;
  const headings = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')];
  for (const heading of headings) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) faults.push(`heading out of order: ${where(heading)}`);
    if (!heading.textContent.trim()) faults.push('an empty heading');
    level = own;
  }
  if (headings.filter((heading) => heading.tagName === 'H1').length !== 1) faults.push('not one h1');
  if (!document.title.trim()) faults.push('no title');
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) faults.push(`the id ${id} occurs twice`);
  for (const link of document.querySelectorAll('a[href^="#"]')) if (!document.getElementById(link.hash.slice(1))) faults.push(`a link leads nowhere: ${link.hash}`);

  const parse = (text) => { const parts = (text.match(/[\d.]+/g) ?? []).map(Number); return parts.length < 3 ? null : [parts[0], parts[1], parts[2], parts[3] ?? 1]; };
  const over = (top, below) => top.slice(0, 3).map((part, index) => part * top[3] + below[index] * (1 - top[3]));
  const light = (color) => { const [r, g, b] = color.map((part) => { const c = part / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (element) => {
    const layers = [];
    for (let node = element; node; node = node.parentElement) { const color = parse(getComputedStyle(node).backgroundColor); if (color && color[3] > 0) layers.push(color); }
    return layers.reverse().reduce((below, top) => over(top, below), matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255]);
  };
  const known = new Map();
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('script, style, title, desc') || !element.checkVisibility()) continue;
    texts += 1;
    const style = getComputedStyle(element);
    const color = parse(element instanceof SVGElement ? style.fill : style.color);
    const back = behind(element);
    const name = `${color}/${back}`;
    if (!known.has(name)) { const [a, b] = [light(over(color, back)), light(back)]; known.set(name, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)); }
    if (known.get(name) < 4.5) faults.push(`contrast ${known.get(name).toFixed(2)}: ${where(element)}`);
    if (parseFloat(style.fontSize) * (element instanceof SVGElement ? element.ownerSVGElement.getBoundingClientRect().width / element.ownerSVGElement.viewBox.baseVal.width : 1) < 10) faults.push(`text too small: ${where(element)}`);
  }
  if (texts < 5) faults.push('hardly any text');

  for (const svg of document.querySelectorAll('svg')) {
    const labels = (svg.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('');
    if (!(svg.getAttribute('aria-label') ?? labels).trim()) faults.push('an image without a name');
    const text = document.getElementById(svg.getAttribute('aria-describedby') ?? '') ?? svg.querySelector('desc');
    if (svg.getAttribute('role') !== 'img' || !text?.textContent.trim()) faults.push(`an image without a description: ${svg.getAttribute('aria-label')}`);
  }
  for (const table of document.querySelectorAll('table')) {
    const columns = table.tHead?.rows[0].cells.length ?? 0;
    if (!table.caption?.textContent.trim()) faults.push(`a table without a caption: ${where(table)}`);
    if (!columns || ![...table.tHead.rows[0].cells].every((cell) => cell.scope === 'col' && cell.textContent.trim())) faults.push(`header cells are missing: ${where(table)}`);
    for (const row of table.tBodies[0].rows) if (row.cells.length !== columns || row.cells[0].scope !== 'row') { faults.push(`a row of another form: ${where(row)}`); break; }
    if (table.closest('[tabindex]')?.classList.contains('scroll') !== true) faults.push(`a table that cannot be scrolled: ${where(table)}`);
    for (const cell of table.querySelectorAll('.n')) if (!/^(right|end)$/.test(getComputedStyle(cell).textAlign)) { faults.push(`a number that is not at the right: ${where(cell)}`); break; }
  }
  return faults;
})()
"""

BEHAVIOUR = r"""
(() => {
  const faults = [];
  const text = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
  const number = (text) => Number(text.replaceAll(',', ''));
  for (const table of document.querySelectorAll('table[data-behaviour~="sort"]')) {
    const rows = () => [...table.tBodies[0].rows];
    const before = rows().map((row) => row.textContent).sort().join('\n');
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      const button = cell.querySelector('button');
      if (!button) return faults.push(`no button to sort by: ${table.id}`);
      for (const turn of [0, 1]) {
        button.click();
        const isUp = cell.getAttribute('aria-sort') === 'ascending';
        if (!cell.getAttribute('aria-sort')) faults.push(`${table.id} does not say how it is sorted`);
        const values = rows().map((row) => text(row, column)).filter((value) => value !== '');
        if (cell.classList.contains('n') && values.every((value) => Number.isFinite(number(value)))) {
          const numbers = values.map(number);
          if (numbers.some((value, index) => index && (isUp ? numbers[index - 1] > value : numbers[index - 1] < value))) faults.push(`${table.id} is not sorted by ${cell.textContent}: ${values.slice(0, 5)}`);
        }
        if (cell.classList.contains('n') && turn === 0 && isUp && rows().length > 1) faults.push(`${table.id}: the largest of ${cell.textContent} do not come first`);
      }
    });
    if (rows().map((row) => row.textContent).sort().join('\n') !== before) faults.push(`${table.id} lost rows`);
  }
  for (const table of document.querySelectorAll('table[data-behaviour~="filter"]')) {
    const input = document.getElementById(`${table.id}-filter`);
    if (!input?.labels.length) { faults.push(`no filter with a label: ${table.id}`); continue; }
    const rows = [...table.tBodies[0].rows];
    const word = rows.at(-1)?.cells[0].textContent.trim() ?? '';
    const type = (value) => { input.value = value; input.dispatchEvent(new Event('input')); };
    type(word);
    const shown = rows.filter((row) => !row.hidden);
    if (rows.length && (!shown.length || shown.some((row) => !word.toLowerCase().split(/\s+/).every((part) => row.textContent.toLowerCase().includes(part))))) faults.push(`${table.id} is not filtered by ${word}`);
    type('no such text anywhere');
    if (rows.some((row) => !row.hidden)) faults.push(`${table.id} shows what its filter leaves out`);
    type('');
    if (rows.some((row) => row.hidden)) faults.push(`${table.id} does not show all rows again`);
  }
  for (const mark of document.querySelectorAll('svg rect.target, svg rect.bar')) {
    mark.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX: 50, clientY: 50 }));
    const tip = document.querySelector('.tip');
    if (mark.classList.contains('part')) continue;
    if (!tip || tip.hidden || !tip.textContent) { faults.push('a mark without a tip'); break; }
  }
  return faults;
})()
"""

SUMMARY = "['table', 'svg', 'h1,h2,h3,h4'].map((name) => document.querySelectorAll(name).length)"


def check(browser, page):
    faults = []
    for width in [1440, 390]:
        for scheme in ["light", "dark"]:
            browser.show(page, width, scheme)
            # What is folded away is looked at, too.
            browser.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })")
            found = [f"said: {text}" for text in browser.said()]
            found += [f"asked for {url}" for url in browser.requested() if not url.startswith("file:")][:5]
            if len(browser.requested()) != 1:
                found.append(f"asked for more than itself: {browser.requested()[:5]}")
            found += browser.evaluate(FAULTS)
            if scheme == "light":
                found += browser.evaluate(BEHAVIOUR)
            faults += [f"{page} at {width}, {scheme}: {fault}" for fault in found[:40]]
    # Without its script the page must be whole.
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.show(page, 390, "light")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    tables, images, headings = browser.evaluate(SUMMARY)
    print(f"{page}: {tables} tables, {images} images, {headings} headings")
    return faults


def main():
    executable, *pages = sys.argv[1:]
    with Chromium(executable) as browser:
        faults = [fault for page in pages for fault in check(browser, page)]
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
