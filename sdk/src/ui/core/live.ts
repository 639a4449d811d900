/**
 * Live data. All tabs of a browser share one EventSource, because a handful of them exhausts the connections that HTTP/1.1
 * allows: the tab that holds the `nusa-live` lock listens for all and passes events on.
 */
type Listener = (data: unknown) => void

type Note =
  | { readonly kind: 'want'; readonly tab: string; readonly topics: readonly string[] }
  | { readonly kind: 'ask' }
  | { readonly kind: 'event'; readonly topic: string; readonly data: unknown }
  | { readonly kind: 'state'; readonly connected: boolean }

const tab = crypto.randomUUID()
const listeners = new Map<string, Set<Listener>>()
const stateListeners = new Set<(connected: boolean) => void>()
const wanted = new Map<string, readonly string[]>()
let channel: BroadcastChannel | undefined
let source: EventSource | undefined
let sourceTopics = ''
let leading = false
let connected = true
let rebuild: ReturnType<typeof setTimeout> | undefined

/** Listens on a topic (`job:<id>`, `notifications`, a plugin's own). Answers with how to stop. */
export function listen(topic: string, listener: Listener): () => void {
  start()
  const set = listeners.get(topic) ?? new Set()
  listeners.set(topic, set.add(listener))
  announce()
  return () => {
    set.delete(listener)
    if (set.size === 0) listeners.delete(topic)
    announce()
  }
}

/** Told when the stream breaks and when it is back. */
export function onConnection(listener: (connected: boolean) => void): () => void {
  stateListeners.add(listener)
  return () => stateListeners.delete(listener)
}

function start(): void {
  if (channel) return
  channel = new BroadcastChannel('nusa-live')
  channel.onmessage = (event: MessageEvent<Note>) => receive(event.data)
  addEventListener('pagehide', () => tell({ kind: 'want', tab, topics: [] }))
  // Held until the tab goes; the next tab in line then leads.
  void navigator.locks.request('nusa-live', () => {
    leading = true
    tell({ kind: 'ask' })
    connectSoon()
    return new Promise<never>(() => {})
  })
}

function tell(note: Note): void {
  channel?.postMessage(note)
}

function announce(): void {
  const topics = [...listeners.keys()].sort()
  wanted.set(tab, topics)
  tell({ kind: 'want', tab, topics })
  connectSoon()
}

function receive(note: Note): void {
  if (note.kind === 'want' && leading) {
    if (note.topics.length) wanted.set(note.tab, note.topics)
    else wanted.delete(note.tab)
    connectSoon()
  } else if (note.kind === 'ask') tell({ kind: 'want', tab, topics: [...listeners.keys()] })
  else if (note.kind === 'event') deliver(note.topic, note.data)
  else if (note.kind === 'state') showState(note.connected)
}

function deliver(topic: string, data: unknown): void {
  for (const listener of listeners.get(topic) ?? []) listener(data)
}

function showState(next: boolean): void {
  if (next === connected) return
  connected = next
  for (const listener of stateListeners) listener(next)
}

function connectSoon(): void {
  if (!leading || rebuild) return
  rebuild = setTimeout(() => {
    rebuild = undefined
    connect()
  }, 20)
}

function connect(): void {
  const topics = [...new Set([...wanted.values()].flat())].sort()
  const key = topics.join(',')
  if (key === sourceTopics && source?.readyState !== EventSource.CLOSED) return
  source?.close()
  source = undefined
  sourceTopics = key
  if (!topics.length) {
    state(true)
    return
  }
  source = new EventSource(`/api/v1/events?topics=${encodeURIComponent(key)}`)
  source.onopen = () => state(true)
  source.onerror = () => {
    // A stream that the panel refuses is closed for good by the browser, though the panel answers; a lost one is opened again.
    const refused = source?.readyState === EventSource.CLOSED
    state(refused)
    if (refused) setTimeout(connectSoon, 5_000)
  }
  for (const topic of topics) source.addEventListener(topic, event => pass(topic, (event as MessageEvent<string>).data))
}

function pass(topic: string, text: string): void {
  const data: unknown = JSON.parse(text)
  deliver(topic, data)
  tell({ kind: 'event', topic, data })
}

function state(next: boolean): void {
  showState(next)
  tell({ kind: 'state', connected: next })
}
