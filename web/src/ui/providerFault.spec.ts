import { describe, expect, it } from 'vitest'
import en from '@/locales/en.json'
import { providerFault } from './providerFault'

const t = (key: string, values?: Record<string, unknown>) => (values ? `${key} ${String(values.code)}` : key)

describe('providerFault', () => {
  it('has words for what a person can mend, and the code for the rest', () => {
    for (const name of Object.keys(en.auth.provider.fault)) {
      expect(providerFault(name === 'limited' ? 'auth.limited' : `oidc.${name}`, t)).toBe(`auth.provider.fault.${name}`)
    }
    expect(providerFault('oidc.nonce', t)).toBe('auth.provider.untrusted oidc.nonce')
  })
})
