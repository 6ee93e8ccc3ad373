"""Opens pages in a browser, at both widths and in both colour schemes, and tells what is wrong with them.

    check_page.py CHROMIUM PAGE…

Prints a line for each fault, and for each page `PAGE: N tables, N images, N headings` when it was looked at. A page must
say nothing on the console, ask for nothing, be no wider than the screen, have its headings in order and something below
each, text that stands out from what is behind it (a contrast of 4.5, WCAG 2.2, 1.4.3), a name for every image, values that
no line strikes through, and tables that have a name and header cells whose texts stay in them, are scrolled where they are
too wide, and do what their header cells and filters offer. On A4 it must fill the paper as it should, and without its
script say all that it says with it, and offer nothing that does not work.
"""

import sys

from chromium import Chromium

FAULTS = r"""
(() => {
  const faults = [];
  const where = (element) => `${element.tagName.toLowerCase()}${element.id ? '#' + element.id : ''}.${element.getAttribute('class') ?? ''} “${element.textContent.trim().slice(0, 40)}”`;
  const wide = document.documentElement.scrollWidth;
  // A phone zooms out of what is too wide, and its window with it.
  const screenWidth = document.documentElement.clientWidth;
  if (wide > screenWidth) {
    faults.push(`wider than the screen: ${wide} > ${screenWidth}`);
    for (const element of document.body.querySelectorAll('*')) {
      if (element.getBoundingClientRect().right > screenWidth + 1 && !element.closest('.scroll, pre')) { faults.push(`  reaches out: ${where(element)}`); break; }
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
  const [known, small] = [new Map(), new Set()];
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
    if (parseFloat(style.fontSize) * (element instanceof SVGElement ? element.ownerSVGElement.getBoundingClientRect().width / element.ownerSVGElement.viewBox.baseVal.width : 1) < 10 && !small.has(style.fontSize)) { small.add(style.fontSize); faults.push(`text too small: ${where(element)}`); }
  }
  if (texts < 5) faults.push('hardly any text');
  // What a style sheet writes is read, too.
  const opacity = (element) => { let all = 1; for (let node = element; node; node = node.parentElement) all *= Number(getComputedStyle(node).opacity); return all; };
  const said = new Set();
  for (const element of document.body.querySelectorAll('*')) {
    if (element instanceof SVGElement || !element.checkVisibility()) continue;
    for (const pseudo of ['::before', '::after', '::placeholder']) {
      const style = getComputedStyle(element, pseudo);
      const text = pseudo === '::placeholder' ? element.placeholder : /^"/.test(style.content) ? style.content.slice(1, -1) : '';
      if (!text?.trim() || style.display === 'none' || pseudo === '::placeholder' && element.value) continue;
      const [color, back] = [parse(style.color), behind(element)];
      color[3] *= Number(style.opacity) * opacity(element);
      const [a, b] = [light(over(color, back)), light(back)];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const fault = `contrast ${contrast.toFixed(2)} of ${pseudo} “${text.trim()}”`;
      if (contrast < 4.5 && !said.has(fault)) { said.add(fault); faults.push(`${fault}: ${where(element)}`); }
    }
  }
  if (matchMedia('screen').matches) {
    for (const control of document.querySelectorAll('summary, nav a, th button, input, li > a')) {
      const box = control.getBoundingClientRect();
      if (control.checkVisibility() && box.height < 24) { faults.push(`hard to hit, ${box.height.toFixed(1)} high: ${where(control)}`); break; }
    }
  }

  // What is read between a heading and the next that is not below it.
  const parts = [];
  const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (all.nextNode()) {
    const element = all.currentNode.parentElement;
    if (!all.currentNode.data.trim() || element.closest('script, style, title, desc, footer') || !element.checkVisibility()) continue;
    const heading = element.closest('h1, h2, h3, h4, h5, h6');
    if (!heading) parts.push(0);
    else if (parts.at(-1) !== heading) parts.push(heading);
  }
  parts.forEach((part, index) => {
    const next = parts[index + 1];
    if (part !== 0 && (next === undefined || next !== 0 && next.tagName <= part.tagName)) faults.push(`a heading with nothing below it: ${where(part)}`);
  });

  const textBox = (element) => { const range = document.createRange(); range.selectNodeContents(element); return range.getBoundingClientRect(); };
  for (const row of document.querySelectorAll('thead tr')) {
    let before = null;
    for (const cell of row.cells) {
      if (!cell.checkVisibility()) continue;
      const [text, box] = [textBox(cell), cell.getBoundingClientRect()];
      if (text.left < box.left - 1 || text.right > box.right + 1 || text.top < box.top - 1 || text.bottom > box.bottom + 1) faults.push(`the text of a header cell leaves it: ${where(cell)}`);
      // Cells that stay in sight lie on others.
      if (before && text.left < before.right + 2 && getComputedStyle(cell.previousElementSibling).position !== 'sticky') faults.push(`header cells run into one another: ${where(cell)}`);
      before = text;
    }
  }

  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  for (const svg of document.querySelectorAll('svg.line-chart')) {
    const glyphs = (text) => { const box = text.getBBox(); const base = Number(text.getAttribute('y')); return { left: box.x, right: box.x + box.width, top: base - 8.5, bottom: base + 0.5 }; };
    const values = [...svg.querySelectorAll('text.value')];
    // M and L with two numbers each.
    const lines = [...svg.querySelectorAll('path.series')].map((path) => [...path.getAttribute('d').matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]));
    const crosses = ([x, y], [x2, y2], box) => {
      let [enter, leave] = [0, 1];
      for (const [step, room] of [[x - x2, x - box.left + 1], [x2 - x, box.right + 1 - x], [y - y2, y - box.top + 1], [y2 - y, box.bottom + 1 - y]]) {
        if (step === 0 && room < 0) return false;
        if (step < 0) enter = Math.max(enter, room / step);
        if (step > 0) leave = Math.min(leave, room / step);
      }
      return enter <= leave;
    };
    for (const text of values) {
      const box = glyphs(text);
      const isIn = (x, y, air) => x > box.left - air && x < box.right + air && y > box.top - air && y < box.bottom + air;
      if (lines.some((line) => line.some((end, index) => index && crosses(line[index - 1], end, box)))) faults.push(`a line strikes through ${where(text)} in ${svg.getAttribute('aria-label')}`);
      for (const dot of svg.querySelectorAll('circle.dot')) if (isIn(dot.cx.baseVal.value, dot.cy.baseVal.value, dot.r.baseVal.value)) { faults.push(`a dot lies on ${where(text)} in ${svg.getAttribute('aria-label')}`); break; }
      for (const other of svg.querySelectorAll('text')) if (other !== text && meet(box, glyphs(other))) { faults.push(`${where(text)} lies on ${where(other)}`); break; }
    }
  }

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

PAPER = r"""
(() => {
  const faults = [];
  for (const charts of document.querySelectorAll('.charts')) {
    const shown = [...charts.children].filter((chart) => chart.checkVisibility());
    if (shown.length > 1 && shown[0].getBoundingClientRect().top !== shown[1].getBoundingClientRect().top) faults.push(`one chart in a row of the paper: ${shown[0].textContent.trim().slice(0, 30)}`);
  }
  for (const table of document.querySelectorAll('table')) {
    if (!table.checkVisibility()) continue;
    const head = getComputedStyle(table.tHead);
    if (head.display !== 'table-header-group' || head.breakInside !== 'avoid') faults.push(`the head of ${table.id} is not on every page`);
    for (const button of table.tHead.querySelectorAll('button')) if (getComputedStyle(button).display !== 'contents') { faults.push(`the head of ${table.id} is not on every page, for its buttons`); break; }
    for (const code of table.querySelectorAll('.sticky tbody th code')) {
      const lines = new Set([...code.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) { faults.push(`a name is broken into ${lines.size} lines: ${code.textContent}`); break; }
    }
  }
  for (const control of document.querySelectorAll('input, nav')) if (control.checkVisibility()) { faults.push(`a control on paper: ${control.tagName}`); break; }
  for (const details of document.querySelectorAll('details')) if (!details.lastElementChild.checkVisibility({ contentVisibilityAuto: true })) { faults.push(`folded on paper: ${details.textContent.trim().slice(0, 40)}`); break; }
  for (const heading of document.querySelectorAll('h2, h3, caption')) {
    const style = getComputedStyle(heading);
    if (style.breakInside !== 'avoid' || style.breakAfter !== 'avoid') { faults.push(`a heading may be torn from what it heads: ${heading.textContent.trim().slice(0, 40)}`); break; }
  }
  for (const caption of document.querySelectorAll('caption')) if (parseFloat(getComputedStyle(caption).fontSize) > 1.15 * parseFloat(getComputedStyle(caption.parentElement).fontSize)) { faults.push(`a caption larger than its table: ${caption.textContent}`); break; }
  return faults;
})()
"""

# What is read when everything is unfolded, in order, and the rows of every table.
CONTENT = r"""
(() => {
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('script, style, title, desc, .filter, .tip') || !element.checkVisibility()) continue;
    texts.push(walker.currentNode.data.trim());
  }
  return { texts, tables: Object.fromEntries([...document.querySelectorAll('table')].map((table) => [table.id, [...table.rows].map((row) => [...row.cells].map((cell) => cell.querySelector('svg') ? '' : cell.textContent).join('|'))])) };
})()
"""

WITHOUT_SCRIPT = r"""
(() => {
  const faults = [];
  for (const control of document.querySelectorAll('button, input, select, textarea, output, [aria-sort], [hidden], .filter, .tip')) faults.push(`without its script it has a dead ${control.tagName.toLowerCase()}`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && !element.closest('script, style, title, desc, .print-only') && !element.checkVisibility()) faults.push(`without its script nobody sees “${walker.currentNode.data.trim().slice(0, 40)}”`);
  }
  for (const svg of document.querySelectorAll('svg')) {
    const name = (svg.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('');
    if (!name.trim()) faults.push('without its script an image has no name');
    for (const mark of svg.querySelectorAll('.target, .bar:not(.part)')) if (!mark.querySelector('title')?.textContent) { faults.push('without its script a mark has no tip'); break; }
  }
  return faults;
})()
"""

UNFOLD = "document.querySelectorAll('details').forEach((details) => { details.open = true })"
SUMMARY = "['table', 'svg', 'h1,h2,h3,h4'].map((name) => document.querySelectorAll(name).length)"


def first_difference(ours, theirs):
    return next(((a, b) for a, b in zip(ours, theirs) if a != b), (len(ours), len(theirs)))


def check(browser, page):
    faults = []
    for width in [1440, 390]:
        for scheme in ["light", "dark"]:
            browser.show(page, width, scheme)
            # What is folded away is looked at, too.
            browser.evaluate(UNFOLD)
            found = [f"said: {text}" for text in browser.said()]
            found += [f"asked for {url}" for url in browser.requested() if not url.startswith("file:")][:5]
            if len(browser.requested()) != 1:
                found.append(f"asked for more than itself: {browser.requested()[:5]}")
            found += browser.evaluate(FAULTS)
            if scheme == "light":
                content = browser.evaluate(CONTENT)
                found += browser.evaluate(BEHAVIOUR)
            faults += [f"{page} at {width}, {scheme}: {fault}" for fault in found[:40]]
    # A4 within its margins, as the reader finds the page and with everything unfolded.
    for unfolds in [False, True]:
        browser.show(page, 688, "light", media="print")
        if unfolds:
            browser.evaluate(UNFOLD)
        found = browser.evaluate(PAPER) + browser.evaluate(FAULTS)
        faults += [f"{page} on paper: {fault}" for fault in found[:40]]
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.show(page, 390, "light")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    browser.evaluate(UNFOLD)
    found = browser.evaluate(WITHOUT_SCRIPT)
    alone = browser.evaluate(CONTENT)
    if alone["texts"] != content["texts"]:
        found.append(f"without its script it says something else: {first_difference(alone['texts'], content['texts'])}")
    found += [f"without its script {name} is not whole" for name, rows in content["tables"].items()
              if alone["tables"].get(name) != rows]
    faults += [f"{page}: {fault}" for fault in found[:40]]
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
