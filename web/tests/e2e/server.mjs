// The real program with data of its own, and the mock API that the samples call; both end with the test.
import { spawn, execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdtempSync, readFileSync, rmSync, existsSync, statSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'

const program = process.env.MBFLOW_PROGRAM ?? new URL('../../../build/release/bin/mbflow', import.meta.url).pathname
const dist = process.env.MBFLOW_DIST ?? new URL('../../dist/', import.meta.url).pathname
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

// What the program sends with the pages.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

async function answers(url, tries = 100) {
  for (let i = 0; i < tries; i++) {
    if (
      await fetch(url).then(
        (response) => response.ok,
        () => false,
      )
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${url} does not answer`)
}

function file(path) {
  const wanted = join(dist, path)
  return wanted.startsWith(dist) && existsSync(wanted) && statSync(wanted).isFile() ? wanted : undefined
}

/** The built pages under the strict policy, everything else handed on to the program. */
function serveDist(port, backend) {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    if (/^\/(api|webhooks|healthz|readyz|metrics)\b/.test(pathname)) {
      const onward = http.request(
        { host: '127.0.0.1', port: backend, path: request.url, method: request.method, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode, answer.headers)
          answer.pipe(response)
        },
      )
      onward.on('error', () => response.destroy())
      request.pipe(onward)
      return
    }
    const found = file(pathname.slice(1)) ?? (extname(pathname) ? undefined : join(dist, 'index.html'))
    if (!found) return response.writeHead(404).end()
    response.writeHead(200, { 'content-type': types[extname(found)] ?? 'application/octet-stream', 'content-security-policy': policy })
    response.end(readFileSync(found))
  })
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)))
}

export async function startServer() {
  if (!existsSync(join(dist, 'index.html'))) throw new Error('build the pages first: npm run build')
  if (!existsSync(program)) throw new Error(`no program at ${program}; build it, or name it by MBFLOW_PROGRAM`)
  const data = mkdtempSync(join(tmpdir(), 'mbflow-e2e-'))
  const [port, mock, pages] = [await freePort(), await freePort(), await freePort()]
  const children = [
    spawn(program, ['mock-api', '--listen', `127.0.0.1:${mock}`], { stdio: 'ignore' }),
    spawn(program, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, '--allow-egress', '127.0.0.1/32'], { stdio: 'ignore' }),
  ]
  await answers(`http://127.0.0.1:${port}/readyz`)
  const key = execFileSync(program, ['key', 'create', '--data', data, '--role', 'owner', '--name', 'e2e'], { encoding: 'utf8' }).trim()
  const server = await serveDist(pages, port)
  const api = async (path, body, method = body === undefined ? 'GET' : 'POST') => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}` },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }
  const stop = async () => {
    server.closeAllConnections()
    server.close()
    await Promise.all(children.map((child) => new Promise((resolve) => (child.once('exit', resolve), child.kill()))))
    rmSync(data, { recursive: true, force: true })
  }
  return { url: `http://127.0.0.1:${pages}`, mock: `http://127.0.0.1:${mock}`, key, api, stop }
}
