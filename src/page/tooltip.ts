// Shows lines of text beside the pointer, about what it points at.

import { element } from './elements.ts';

const box = element('div', { class: 'tooltip', role: 'tooltip' });
box.hidden = true;
const GAP = 14;

export function mountTooltip(): void {
  document.body.append(box);
}

export function showTooltip(x: number, y: number, lines: readonly string[]): void {
  box.replaceChildren(...lines.map((text, index) => element(index === 0 ? 'strong' : 'div', { text })));
  box.hidden = false;
  const { offsetWidth, offsetHeight } = box;
  const left = x + GAP + offsetWidth > innerWidth ? Math.max(4, x - GAP - offsetWidth) : x + GAP;
  const top = y + GAP + offsetHeight > innerHeight ? Math.max(4, y - GAP - offsetHeight) : y + GAP;
  box.style.transform = `translate(${left}px, ${top}px)`;
}

export function hideTooltip(): void {
  box.hidden = true;
}
