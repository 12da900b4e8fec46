// The real program, which serves the pages, with data of its own, and the mock API that the samples call; both end with the test.
import { spawn, execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const program = process.env.MBFLOW_PROGRAM ?? new URL('../../../build/release/bin/mbflow', import.meta.url).pathname

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

export async function startServer() {
  if (!existsSync(program)) throw new Error(`no program at ${program}; build it, or name it by MBFLOW_PROGRAM`)
  const data = mkdtempSync(join(tmpdir(), 'mbflow-e2e-'))
  const [port, mock] = [await freePort(), await freePort()]
  const children = [
    spawn(program, ['mock-api', '--listen', `127.0.0.1:${mock}`], { stdio: 'ignore' }),
    spawn(program, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, '--allow-egress', '127.0.0.1/32'], { stdio: 'ignore' }),
  ]
  await answers(`http://127.0.0.1:${port}/readyz`)
  const key = execFileSync(program, ['key', 'create', '--data', data, '--role', 'owner', '--name', 'e2e'], { encoding: 'utf8' }).trim()
  const api = async (path, body, method = body === undefined ? 'GET' : 'POST', headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }
  const stop = async () => {
    await Promise.all(children.map((child) => new Promise((resolve) => (child.once('exit', resolve), child.kill()))))
    rmSync(data, { recursive: true, force: true })
  }
  const firstStart = readFileSync(join(data, 'first-start'), 'utf8').trim()
  return { firstStart, url: `http://127.0.0.1:${port}`, mock: `http://127.0.0.1:${mock}`, key, api, stop }
}
