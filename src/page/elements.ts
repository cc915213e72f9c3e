// Makes the elements of the page. Text is set as text, never as HTML, so a name or an error can contain anything. Characters that would
// reverse the direction of writing, even of the text beside them, are shown as escapes.

import { printable } from '../view/printable.ts';

export interface Properties {
  readonly class?: string;
  readonly text?: string;
  readonly [attribute: `aria-${string}`]: string;
  readonly role?: string;
  readonly id?: string;
  readonly tabindex?: string;
  readonly type?: string;
  readonly title?: string;
  readonly for?: string;
  readonly scope?: string;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties) as [string, string][]) {
    if (name === 'text') made.textContent = printable(value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A section of the page with a heading. */
export function panel(name: string, title: string, ...children: readonly (Node | string)[]): HTMLElement {
  const heading = element('h2', { id: `${name}-title`, text: title });
  const made = element('section', { class: `panel ${name}`, 'aria-labelledby': `${name}-title` }, heading, ...children);
  return made;
}

/** Changes the page only if the text is new. */
export function setText(target: Node, text: string): void {
  const shown = printable(text);
  if (target.textContent !== shown) target.textContent = shown;
}

export function setAttribute(target: Element, name: string, value: string): void {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/** Gives the parent one child per item. Children that exist are used again. */
export function keepChildren<E extends HTMLElement, T>(
  parent: HTMLElement,
  items: readonly T[],
  make: () => E,
  fill: (child: E, item: T) => void,
): void {
  while (parent.children.length > items.length) parent.lastElementChild!.remove();
  while (parent.children.length < items.length) parent.append(make());
  for (const [index, item] of items.entries()) fill(parent.children[index] as E, item);
}
