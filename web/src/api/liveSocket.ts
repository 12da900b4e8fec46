// The WebSocket of /api/v1/live (docs/live.md): one for the page, whatever it watches. It comes back by itself, and each subscription says
// then from where it goes on.
import { ref } from 'vue'
import type { ExecutionEvent, ExecutionSummary } from './types'

export type LiveTopic =
  { topic: 'execution'; execution: string; after: number } | { topic: 'workflow'; workflow: string } | { topic: 'executions' }

export interface LiveMessage {
  type: 'subscribed' | 'unsubscribed' | 'events' | 'executions' | 'reload' | 'error' | 'pong'
  id?: string
  events?: ExecutionEvent[]
  items?: ExecutionSummary[]
  code?: string
}

export interface Subscriber {
  /** What is asked for; asked again after each break, so it says how far its reader has come. */
  topic(): LiveTopic
  take(message: LiveMessage): void
  /** Whether news of it come by the socket; while they do not, its reader looks for itself. */
  served(yes: boolean): void
}

const shortest = 500
const longest = 30_000
const opensWithin = 4_000
const answersWithin = 10_000
const silence = 25_000
const linger = 5_000

/** Half of the wait is left to chance: after a restart of the server not everybody comes at once. */
const spread = (wait: number) => wait / 2 + Math.random() * (wait / 2)

export class LiveSocket {
  /** Whether it is open: what asks from time to time may do so seldom. */
  readonly open = ref(false)
  private readonly subscribers = new Map<string, Subscriber>()
  private socket: WebSocket | undefined
  private names = 0
  private wait = shortest
  private rests = false
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly connect: () => WebSocket) {}

  subscribe(subscriber: Subscriber): () => void {
    const id = `s${++this.names}`
    this.subscribers.set(id, subscriber)
    if (!this.socket && !this.rests) this.begin()
    else if (this.open.value) this.ask(id, subscriber)
    else if (!this.socket) subscriber.served(false)
    return () => this.drop(id)
  }

  private drop(id: string): void {
    if (!this.subscribers.delete(id)) return
    if (this.open.value) this.send({ type: 'unsubscribe', id })
    // The next page, a moment later, most often watches something, too.
    if (!this.subscribers.size) setTimeout(() => !this.subscribers.size && this.socket?.close(1000), linger)
  }

  private begin(): void {
    const socket = (this.socket = this.connect())
    this.timer = setTimeout(() => this.lose(socket), opensWithin)
    socket.onopen = () => {
      if (socket !== this.socket) return
      this.open.value = true
      this.listen()
      for (const [id, subscriber] of this.subscribers) this.ask(id, subscriber)
    }
    socket.onmessage = ({ data }) => socket === this.socket && this.hear(JSON.parse(String(data)) as LiveMessage)
    socket.onclose = () => this.lose(socket)
  }

  /** One that went away without a word is found by its silence. */
  private listen(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      const socket = this.socket
      this.send({ type: 'ping' })
      this.timer = setTimeout(() => socket && this.lose(socket), answersWithin)
    }, silence)
  }

  private hear(message: LiveMessage): void {
    this.wait = shortest
    this.listen()
    const subscriber = this.subscribers.get(message.id ?? '')
    if (!subscriber) return
    if (message.type === 'subscribed') subscriber.served(true)
    else if (message.type === 'error') subscriber.served(false)
    else subscriber.take(message)
  }

  private lose(socket: WebSocket): void {
    if (socket !== this.socket) return
    clearTimeout(this.timer)
    this.socket = undefined
    this.open.value = false
    socket.onclose = null
    socket.close()
    for (const subscriber of this.subscribers.values()) subscriber.served(false)
    this.rests = true
    this.timer = setTimeout(() => {
      this.rests = false
      if (this.subscribers.size) this.begin()
    }, spread(this.wait))
    this.wait = Math.min(longest, this.wait * 2)
  }

  private ask(id: string, subscriber: Subscriber): void {
    this.send({ type: 'subscribe', id, ...subscriber.topic() })
  }

  private send(message: object): void {
    if (this.open.value) this.socket?.send(JSON.stringify(message))
  }
}
