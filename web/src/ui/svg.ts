/** A picture as elements. Only shapes and how they are drawn: a node type cannot bring a script along. */
export interface Shape {
  tag: string
  attributes: Record<string, string>
  children: Shape[]
}

const tags = new Set(['svg', 'g', 'path', 'circle', 'rect', 'line', 'polyline', 'polygon', 'ellipse'])
const attributes = new Set(
  'viewBox d cx cy r rx ry x y x1 y1 x2 y2 width height points transform fill stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray fill-rule opacity'.split(
    ' ',
  ),
)

function toShape(element: Element): Shape {
  const kept = [...element.attributes].filter(({ name }) => attributes.has(name)).map(({ name, value }) => [name, value] as const)
  const children = [...element.children].filter((child) => tags.has(child.tagName)).map(toShape)
  return { tag: element.tagName, attributes: Object.fromEntries(kept), children }
}

export function parseSvg(text: string): Shape | undefined {
  const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement
  return root?.tagName === 'svg' ? toShape(root) : undefined
}
