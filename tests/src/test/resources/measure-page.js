// Looks at every frame of this page, each of which holds a page of ours, and leaves what it finds as lines of text:
// the frame's name, and what is wrong or, behind `=`, what there is.
'use strict';

const shown = (element) => element.getClientRects().length > 0;

/// The lightness of a colour as WCAG 2 defines it, and its alpha.
function colour(text) {
  const n = text.match(/[\d.]+/g).map(Number);
  const part = (v) => v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
  return {light: 0.2126 * part(n[0]) + 0.7152 * part(n[1]) + 0.0722 * part(n[2]), alpha: n.length > 3 ? n[3] : 1};
}

function contrast(win, element) {
  const style = win.getComputedStyle(element);
  const front = colour(element.closest('svg') ? style.fill : style.color).light;
  let back = element;
  while (back.parentElement && colour(win.getComputedStyle(back).backgroundColor).alpha === 0) {
    back = back.parentElement;
  }
  const behind = colour(win.getComputedStyle(back).backgroundColor).light;
  return (Math.max(front, behind) + 0.05) / (Math.min(front, behind) + 0.05);
}

/// Labels lie within their drawing, and none on another.
function labels(svg, say) {
  const view = svg.viewBox.baseVal;
  const boxes = [...svg.querySelectorAll('text')].map((t) => ({text: t.textContent, box: t.getBBox()}));
  for (const {text, box} of boxes) {
    if (box.x < view.x - 0.5 || box.y < view.y - 0.5 || box.x + box.width > view.width + 0.5
        || box.y + box.height > view.height + 0.5) {
      say(`label '${text}' leaves its drawing`);
    }
  }
  boxes.forEach((one, i) => boxes.slice(i + 1).forEach((other) => {
    const wide = Math.min(one.box.x + one.box.width, other.box.x + other.box.width) - Math.max(one.box.x, other.box.x);
    const high = Math.min(one.box.y + one.box.height, other.box.y + other.box.height)
        - Math.max(one.box.y, other.box.y);
    if (wide > 0.5 && high > 0.5) {
      say(`labels '${one.text}' and '${other.text}' lie on each other`);
    }
  }));
  return boxes.length;
}

function drawings(doc, say) {
  const svgs = [...doc.querySelectorAll('svg[role=img]')].filter(shown);
  let count = 0;
  for (const svg of svgs) {
    const title = svg.querySelector(':scope > title');
    const box = svg.getBoundingClientRect();
    if (!title || !title.textContent || !svg.querySelector(':scope > desc')) {
      say('a drawing has no title or no description');
    }
    if (box.width < 200 || box.height < 40) {
      say(`drawing ${svg.getAttribute('aria-labelledby')} has no size: ${box.width} x ${box.height}`);
    }
    if (box.right > doc.documentElement.clientWidth + 0.5) {
      say(`drawing ${svg.getAttribute('aria-labelledby')} does not fit`);
    }
    count += labels(svg, say);
  }
  say(`= ${svgs.length} drawings, ${count} labels`);
}

function texts(win, doc, say) {
  const walker = doc.createTreeWalker(doc.body, win.NodeFilter.SHOW_TEXT);
  let least = 21;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && shown(element) && !element.closest('title, desc, style, script')) {
      const ratio = contrast(win, element);
      least = Math.min(least, ratio);
      if (ratio < 4.5) {
        say(`'${walker.currentNode.data.trim().slice(0, 30)}' has a contrast of ${ratio.toFixed(2)}`);
      }
    }
  }
  say(`= contrast ${least.toFixed(1)}`);
}

function measure(frame, say) {
  const win = frame.contentWindow;
  const doc = win.document;
  doc.querySelectorAll('details').forEach((d) => { d.open = true; });
  const width = doc.documentElement.scrollWidth;
  if (width > win.innerWidth) {
    say(`wider than its window: ${width} of ${win.innerWidth}`);
  }
  if (doc.scripts.length || [...doc.querySelectorAll('*')].some((e) => [...e.attributes].some(
      (a) => a.name.startsWith('on')))) {
    say('has a script');
  }
  for (const loaded of win.performance.getEntriesByType('resource')) {
    say(`loads ${loaded.name}`);
  }
  const ids = [...doc.querySelectorAll('[id]')].map((e) => e.id);
  ids.filter((id, i) => ids.indexOf(id) < i).forEach((id) => say(`id ${id} stands twice`));
  drawings(doc, say);
  texts(win, doc, say);
  say(`= headings: ${[...doc.querySelectorAll('h2')].map((h) => h.textContent).join('; ')}`);
}

window.addEventListener('load', () => {
  const found = document.createElement('pre');
  found.id = 'found';
  for (const frame of document.querySelectorAll('iframe')) {
    const say = (line) => found.append(`${frame.name} ${line.replace(/\s+/g, ' ')}\n`);
    try {
      measure(frame, say);
    } catch (e) {
      say(`cannot be measured: ${e}`);
    }
  }
  document.body.replaceChildren(found);
});
