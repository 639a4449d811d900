import { checkSession } from './api.js'
import { LiveStream } from './live-stream.js'
import { onSession, session } from './session.js'

/**
 * Live data. All tabs of a browser share one connection, because a handful of them exhausts those that HTTP/1.1 allows. The tab
 * that holds the lock `nusa-live` leads: it listens for all and passes on what it hears. When it goes, the next in line
 * goes on after the last event that was passed on.
 */
type Listener = (data: unknown) => void

type Note =
  | { readonly kind: 'want'; readonly tab: string; readonly topics: readonly string[] }
  | { readonly kind: 'ask' }
  | { readonly kind: 'event'; readonly topic: string; readonly data: unknown; readonly id: string }
  | { readonly kind: 'missed' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'state'; readonly connected: boolean; readonly position: string | undefined }

/** Instead of data, when events were lost: whoever hears it asks the panel again. */
export const missedEvents: Readonly<{ kind: string }> = Object.freeze({ kind: 'missed' })

/** After the panel refused the stream although somebody is signed in. Milliseconds. */
const retryMs = 5_000
/** Topics that come and go within this time cost one connection. Milliseconds. */
const gatherMs = 20

const tab = crypto.randomUUID()
const lockOf = (id: string): string => `nusa-tab-${id}`
const listeners = new Map<string, Set<Listener>>()
const stateListeners = new Set<(connected: boolean) => void>()
/** What each tab listens to; all tabs know, because each may lead next. */
const wanted = new Map<string, readonly string[]>()
const stream = new LiveStream({
  event: (topic, data, id) => pass({ kind: 'event', topic, data, id }),
  position: id => passState(true, id),
  missed: () => pass({ kind: 'missed' }),
  connected: next => passState(next),
  refused: () => pass({ kind: 'refused' }),
})
let channel: BroadcastChannel | undefined
/** Others may count on this tab: its lock is held. */
let present = false
let leading = false
let connected = true
/** Id of the last event known. */
let position: string | undefined
let timer: ReturnType<typeof setTimeout> | undefined

/**
 * Listens on a topic (`job:<id>`, `notifications`, a plugin's own). The listener also gets {@link missedEvents}. Answers with
 * how to stop.
 */
export function listen(topic: string, listener: Listener): () => void {
  start()
  const set = listeners.get(topic) ?? new Set()
  listeners.set(topic, set.add(listener))
  announce()
  return () => {
    set.delete(listener)
    if (set.size === 0 && listeners.get(topic) === set) listeners.delete(topic)
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
  addEventListener('pageshow', event => event.persisted && announce())
  let signedIn = session().assurance === 'full'
  onSession(() => {
    const before = signedIn
    signedIn = session().assurance === 'full'
    // Only who just signed in: a refused stream asks for the session too, and has to wait.
    if (signedIn && !before) connectIn(gatherMs)
  })
  // Both are held until the tab goes.
  hold(lockOf(tab), () => {
    present = true
    announce()
    tell({ kind: 'ask' })
  })
  hold('nusa-live', () => {
    leading = true
    connectIn(gatherMs)
  })
}

function hold(lock: string, held: () => void): void {
  void navigator.locks.request(lock, () => {
    held()
    return new Promise<never>(() => {})
  })
}

function tell(note: Note): void {
  channel?.postMessage(note)
}

/** To the other tabs, and to this one. */
function pass(note: Note): void {
  tell(note)
  receive(note)
}

function passState(next: boolean, at = position): void {
  pass({ kind: 'state', connected: next, position: at })
}

function announce(): void {
  const topics = [...listeners.keys()]
  wanted.set(tab, topics)
  if (present) tell({ kind: 'want', tab, topics })
  connectIn(gatherMs)
}

function receive(note: Note): void {
  switch (note.kind) {
    case 'want':
      wanted.set(note.tab, note.topics)
      connectIn(gatherMs)
      break
    case 'ask':
      if (present) tell({ kind: 'want', tab, topics: [...listeners.keys()] })
      if (leading) tell({ kind: 'state', connected, position })
      break
    case 'event':
      position = note.id
      deliver(listeners.get(note.topic), note.data)
      break
    case 'missed':
      for (const set of listeners.values()) deliver(set, missedEvents)
      break
    case 'state':
      position = note.position
      showState(note.connected)
      break
    case 'refused':
      void refused()
  }
}

function deliver(to: ReadonlySet<Listener> | undefined, data: unknown): void {
  for (const listener of [...(to ?? [])]) {
    try {
      listener(data)
    } catch (error) {
      // One page's mistake must not keep the others from hearing.
      reportError(error)
    }
  }
}

function showState(next: boolean): void {
  if (next === connected) return
  connected = next
  for (const listener of stateListeners) listener(next)
}

/** Signed out, which every tab shows; or something else, which passes. */
async function refused(): Promise<void> {
  const answer = await checkSession()
  if (!leading) return
  passState(answer !== 'unreachable')
  if (answer !== 'signed-out') connectIn(retryMs)
}

function connectIn(ms: number): void {
  if (!leading || timer) return
  timer = setTimeout(() => {
    timer = undefined
    void connect()
  }, ms)
}

async function connect(): Promise<void> {
  const { held = [] } = await navigator.locks.query()
  const tabs = new Set(held.map(lock => lock.name))
  // A tab that crashed could not say so.
  for (const other of wanted.keys()) if (other !== tab && !tabs.has(lockOf(other))) wanted.delete(other)
  const topics = [...new Set([...wanted.values()].flat())].sort()
  stream.connect(topics, position)
  if (!topics.length) passState(true)
}
