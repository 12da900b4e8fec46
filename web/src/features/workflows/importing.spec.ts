import { describe, expect, it } from 'vitest'
import { parseDocument, placeFaults } from './importing'
import { fileName } from './saveFile'
import { templates } from './templates'

describe('import', () => {
  it('reads JSON and YAML', async () => {
    expect(await parseDocument('{"name": "x"}')).toEqual({ document: { name: 'x' } })
    expect(await parseDocument('name: x\nnodes: []')).toEqual({ document: { name: 'x', nodes: [] } })
    expect(await parseDocument('{"name": ')).toHaveProperty('fault')
    expect(await parseDocument('just words')).toHaveProperty('fault')
  })

  it('leaves Mermaid diagrams to the server', async () => {
    const parsed = await parseDocument('%% drawn by hand\nflowchart LR\n  a --> b')
    expect(parsed).toHaveProperty('document.type', 'text/vnd.mermaid')
    expect(await parseDocument('graphs: 1')).toHaveProperty('document.graphs')
  })

  it('says in whose name a fault is', () => {
    const document = { workflow: { nodes: [{ id: 'a', name: 'Fetch' }], edges: [{ source: 'a', target: 'b' }] } }
    const faults = ['/nodes/0/config/url', '/workflow/edges/0/target', '/name'].map((at) => ({ code: 'c', message: 'm', at }))
    expect(placeFaults(faults, document).map(({ subject, field }) => [subject, field])).toEqual([
      ['Fetch', 'config/url'],
      ['a → b', 'target'],
      ['', 'name'],
    ])
  })

  it('names files after the workflow', () => {
    expect(fileName('Sales sync: EU')).toBe('sales-sync-eu')
    expect(fileName('Сверка продаж')).toBe('сверка-продаж')
  })

  it.each(templates)('has a template $id that can be read', async ({ text }) => {
    expect(await parseDocument(text)).toHaveProperty('document')
  })
})
