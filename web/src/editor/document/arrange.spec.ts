import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALIGNMENTS, arranged, type Placed } from './arrange'

const box = (id: string, x: number, y: number, height = 64): Placed => ({ id, x, y, width: 240, height })

describe('arranged', () => {
  it('puts edges and middles on one line and leaves the other direction alone', () => {
    const boxes = [box('a', 0, 0), box('b', 100, 200, 128)]
    expect(arranged(boxes, 'left')).toEqual({ a: { x: 0, y: 0 }, b: { x: 0, y: 200 } })
    expect(arranged(boxes, 'right')).toEqual({ a: { x: 100, y: 0 }, b: { x: 100, y: 200 } })
    expect(arranged(boxes, 'bottom')).toEqual({ a: { x: 0, y: 264 }, b: { x: 100, y: 200 } })
    expect(arranged(boxes, 'middle')).toEqual({ a: { x: 0, y: 132 }, b: { x: 100, y: 100 } })
  })

  it('makes even gaps between the outermost, whatever the order they come in', () => {
    const boxes = [box('c', 0, 900), box('a', 0, 0), box('b', 0, 100)]
    expect(arranged(boxes, 'down')).toEqual({ a: { x: 0, y: 0 }, b: { x: 0, y: 450 }, c: { x: 0, y: 900 } })
  })

  it('stays inside the frame around all and changes nothing the second time', () => {
    const place = fc.integer({ min: -2000, max: 2000 })
    const any = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 3 }), place, place), {
      selector: ([id]) => id,
      minLength: 2,
      maxLength: 9,
    })
    fc.assert(
      fc.property(any, fc.constantFrom(...ALIGNMENTS), (list, how) => {
        const boxes = list.map(([id, x, y]) => box(id, x, y))
        const once = arranged(boxes, how)
        const after = boxes.map((one) => ({ ...one, ...once[one.id]! }))
        for (const axis of ['x', 'y'] as const) {
          const [low, high] = [Math.min(...boxes.map((b) => b[axis])), Math.max(...boxes.map((b) => b[axis]))]
          expect(after.every((one) => one[axis] >= low - 1 && one[axis] <= high + 1)).toBe(true)
        }
        const twice = arranged(after, how)
        const near = (a: number, b: number) => Math.abs(a - b) <= 1
        expect(after.every((one) => near(one.x, twice[one.id]!.x) && near(one.y, twice[one.id]!.y))).toBe(true)
      }),
    )
  })
})
