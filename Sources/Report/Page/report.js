'use strict';
// The page says everything without this. What it adds: tables that can be sorted and filtered, and values at the pointer.
(() => {
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

  const key = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    const number = Number(text.replaceAll(',', ''));
    return text !== '' && Number.isFinite(number) ? number : text;
  };
  // Numbers before words, nothing last; equal rows stay as they are.
  const compare = (a, b) => {
    if (a === '' || b === '') return 0;
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    if (typeof a === 'number') return -1;
    if (typeof b === 'number') return 1;
    return a.localeCompare(b, 'en', { numeric: true });
  };
  const sort = (table, column, direction) => {
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [key(row, column), row]);
    keyed.sort(([a], [b]) => (a === '') - (b === '') || direction * compare(a, b));
    body.append(...keyed.map(([, row]) => row));
    for (const cell of table.tHead.rows[0].cells) cell.removeAttribute('aria-sort');
    table.tHead.rows[0].cells[column].setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
  };
  const makeSortable = (table) => {
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      const button = make('button', { type: 'button' });
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener('click', () => {
        const first = cell.classList.contains('n') ? -1 : 1;
        const now = { ascending: 1, descending: -1 }[cell.getAttribute('aria-sort')];
        sort(table, column, now ? -now : first);
      });
    });
  };

  const makeFilterable = (table) => {
    const box = make('div', { className: 'filter' });
    const label = make('label', { textContent: 'Filter', htmlFor: `${table.id}-filter` });
    const input = make('input', { type: 'search', id: `${table.id}-filter`, placeholder: 'part of a name' });
    const output = make('output', { htmlFor: input.id });
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, index) => {
        row.hidden = !words.every((word) => texts[index].includes(word));
        if (!row.hidden) count += 1;
      });
      output.textContent = words.length ? `${count} of ${rows.length} rows` : '';
    };
    input.addEventListener('input', show);
    box.append(label, input, output);
    table.parentElement.before(box);
  };

  for (const table of document.querySelectorAll('table[data-behaviour]')) {
    const behaviours = table.dataset.behaviour.split(' ');
    if (behaviours.includes('filter')) makeFilterable(table);
    if (behaviours.includes('sort')) makeSortable(table);
  }

  // Paper cannot be unfolded; where the style sheet is not enough for that, this is.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details:not([open])')];
    for (const details of folded) details.open = true;
  });
  addEventListener('afterprint', () => { for (const details of folded) details.open = false; });

  // The browser's own tips come late, and not at all where there is no mouse.
  const tip = make('div', { className: 'tip', hidden: true });
  tip.setAttribute('aria-hidden', 'true');
  document.body.append(tip);
  const tips = new WeakMap();
  for (const image of document.querySelectorAll('svg')) {
    const [title, ...others] = image.querySelectorAll('title');
    image.setAttribute('aria-label', title.textContent);
    image.setAttribute('aria-describedby', image.querySelector('desc').id);
    image.removeAttribute('aria-labelledby');
    title.remove();
    for (const other of others) {
      tips.set(other.parentElement, other.textContent);
      other.remove();
    }
  }
  const hide = () => { tip.hidden = true; };
  document.addEventListener('pointermove', (event) => {
    const text = event.target instanceof SVGElement ? tips.get(event.target) : undefined;
    if (text === undefined) return hide();
    tip.textContent = text;
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, innerWidth - width - 8))}px`;
    tip.style.top = `${event.clientY - height - 12 > 0 ? event.clientY - height - 12 : event.clientY + 18}px`;
  });
  document.addEventListener('pointerleave', hide);
  document.addEventListener('scroll', hide, { passive: true });
})();
