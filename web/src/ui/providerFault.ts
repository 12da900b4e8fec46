type Translate = (key: string, values?: Record<string, unknown>) => string

/** Those a person can do something about. */
const told = [
  'unknown_user',
  'deactivated',
  'login_taken',
  'linked',
  'state',
  'refused',
  'unreachable',
  'egress',
  'off',
  'limited',
] as const

/** What a code that the server sent a browser back with means to whoever wanted to sign in, or to link. */
export function providerFault(code: string, t: Translate): string {
  const known = told.find((name) => code === `oidc.${name}` || code === `auth.${name}`)
  return known ? t(`auth.provider.fault.${known}`) : t('auth.provider.untrusted', { code })
}
