// Icons come from the server as SVG text. They are parsed, stripped of whatever is not drawing, and cloned: the text
// never becomes markup of the page.
const DRAWING = new Set(['svg', 'g', 'path', 'circle', 'ellipse', 'rect', 'line', 'polyline', 'polygon'])
const parsed = new Map<string, SVGElement | undefined>()

export function iconElement(text: string): SVGElement | undefined {
  if (!parsed.has(text)) parsed.set(text, parse(text))
  return parsed.get(text)?.cloneNode(true) as SVGElement | undefined
}

function parse(text: string): SVGElement | undefined {
  const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement
  if (root.nodeName !== 'svg') return undefined
  clean(root)
  const svg = document.importNode(root, true) as unknown as SVGElement
  svg.setAttribute('width', '100%')
  svg.setAttribute('height', '100%')
  svg.setAttribute('aria-hidden', 'true')
  svg.setAttribute('focusable', 'false')
  return svg
}

function clean(element: Element): void {
  for (const child of [...element.children]) {
    if (DRAWING.has(child.nodeName)) clean(child)
    else child.remove()
  }
  for (const { name, value } of [...element.attributes]) {
    if (name.startsWith('on') || name === 'style' || name.includes('href') || /url\(/i.test(value)) element.removeAttribute(name)
  }
}
