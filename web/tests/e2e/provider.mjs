// A real OpenID Connect provider on loopback, with its own pages: whoever asks is who they say.
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const keys = () => [
  { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'rsa' },
  { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'ec' },
]

const account = (_, id) => ({
  accountId: id,
  claims: () => ({ sub: id, name: `Name of ${id}`, email: `${id}@example.com`, email_verified: true }),
})

/** `clients` as the provider takes them, once the addresses they come back to are known: register(). */
export async function startProvider() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${server.address().port}`
  const register = (clients) => {
    const provider = new Provider(issuer, {
      clients: clients.map(({ url, ...client }) => ({
        ...client,
        redirect_uris: [`${url}/api/v1/auth/oidc/callback`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      })),
      claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
      conformIdTokenClaims: false,
      cookies: { keys: ['of the test'] },
      features: { devInteractions: { enabled: true } },
      findAccount: account,
      jwks: { keys: keys() },
      pkce: { required: () => true },
    })
    server.on('request', provider.callback())
  }
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  return { issuer, register, stop }
}
