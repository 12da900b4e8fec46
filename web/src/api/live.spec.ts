import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveSocket, type LiveMessage } from './liveSocket'

/** The server's end of a connection. */
class Wire {
  static all: Wire[] = []
  sent: Record<string, unknown>[] = []
  closed = false
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  constructor() {
    Wire.all.push(this)
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }
  close() {
    this.closed = true
    this.onclose?.()
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
}
const last = () => Wire.all.at(-1)!

/** A reader as live.ts has it: it remembers how far it has come. */
function reader(socket: LiveSocket) {
  const seen: number[] = []
  const served: boolean[] = []
  const stop = socket.subscribe({
    topic: () => ({ topic: 'execution', execution: 'e', after: seen.at(-1) ?? 0 }),
    take: (message: LiveMessage) => seen.push(...(message.events ?? []).map((event) => event.seq)),
    served: (yes) => served.push(yes),
  })
  return { seen, served, stop }
}
const events = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => ({ seq: from + i }))

describe('the live socket', () => {
  let socket: LiveSocket
  beforeEach(() => {
    vi.useFakeTimers()
    Wire.all = []
    socket = new LiveSocket(() => new Wire() as unknown as WebSocket)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('goes on from where its readers stand, however often it breaks', () => {
    const one = reader(socket)
    let told = 0
    for (let round = 0; round < 20; round++) {
      last().onopen?.()
      const asked = last().sent.find((message) => message.type === 'subscribe')!
      expect(asked).toMatchObject({ topic: 'execution', execution: 'e', after: told })
      last().say({ type: 'subscribed', id: asked.id })
      last().say({ type: 'events', id: asked.id, events: events(told + 1, told + round + 1) })
      told += round + 1
      last().onclose?.()
      vi.advanceTimersByTime(500)
    }
    expect(one.seen).toEqual(events(1, told).map((event) => event.seq))
    expect(Wire.all).toHaveLength(21)
    expect(one.served.slice(0, 4)).toEqual([true, false, true, false])
  })

  it('comes back more and more seldom to a server that is not there, and at once to one that was', () => {
    const chance = vi.spyOn(Math, 'random').mockReturnValue(1)
    const one = reader(socket)
    for (let i = 0; i < 8; i++) {
      last().onclose?.()
      vi.advanceTimersByTime(Math.min(30_000, 500 * 2 ** i) - 1)
      expect(Wire.all).toHaveLength(i + 1)
      vi.advanceTimersByTime(1)
      expect(Wire.all).toHaveLength(i + 2)
    }
    chance.mockReturnValue(0)
    const tries = Wire.all.length
    last().onclose?.()
    vi.advanceTimersByTime(14_999)
    expect(Wire.all).toHaveLength(tries)
    expect(one.served.every((yes) => !yes)).toBe(true)
    vi.advanceTimersByTime(1)
    expect(Wire.all).toHaveLength(tries + 1)
    last().onopen?.()
    last().say({ type: 'pong' })
    last().onclose?.()
    const before = Wire.all.length
    vi.advanceTimersByTime(500)
    expect(Wire.all).toHaveLength(before + 1)
  })

  it('serves a reader who comes after a failure that nobody waited out', () => {
    const one = reader(socket)
    last().onclose?.()
    one.stop()
    vi.advanceTimersByTime(60_000)
    expect(Wire.all).toHaveLength(1)
    const two = reader(socket)
    last().onopen?.()
    last().say({ type: 'subscribed', id: last().sent[0]?.id })
    expect(Wire.all).toHaveLength(2)
    expect(two.served).toEqual([true])
  })

  it('lets its readers look for themselves where a connection neither opens nor fails', () => {
    const one = reader(socket)
    vi.advanceTimersByTime(4_000)
    expect(one.served).toEqual([false])
    expect(last().closed).toBe(true)
  })

  it('finds out that the other end is silent', () => {
    reader(socket)
    last().onopen?.()
    vi.advanceTimersByTime(25_000)
    expect(last().sent.at(-1)).toEqual({ type: 'ping' })
    last().say({ type: 'pong' })
    vi.advanceTimersByTime(25_000)
    const dead = last()
    vi.advanceTimersByTime(10_000)
    expect(dead.closed).toBe(true)
    vi.advanceTimersByTime(500)
    expect(Wire.all).toHaveLength(2)
  })

  it('lets a refused reader look for itself, and ends with its last one', () => {
    const one = reader(socket)
    const two = reader(socket)
    last().onopen?.()
    const [first, second] = last().sent
    last().say({ type: 'error', id: first!.id, code: 'store.not_found' })
    last().say({ type: 'subscribed', id: second!.id })
    expect([one.served, two.served]).toEqual([[false], [true]])
    one.stop()
    two.stop()
    expect(last().sent.at(-1)).toEqual({ type: 'unsubscribe', id: second!.id })
    vi.advanceTimersByTime(60_000)
    expect(last().closed).toBe(true)
    expect(Wire.all).toHaveLength(1)
  })
})
