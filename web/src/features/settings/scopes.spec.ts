import { describe, expect, it } from 'vitest'
import { scopeParts } from './scopes'

describe('parts of scopes', () => {
  it('are the first words of paths, each once, after the one that means all', () => {
    const paths = ['/', '/metrics', '/api/v1/workflows', '/api/v1/workflows/{id}', '/api/v1/api-keys', '/webhooks/{path}']
    expect(scopeParts(paths)).toEqual(['*', 'api-keys', 'metrics', 'webhooks', 'workflows'])
  })
})
