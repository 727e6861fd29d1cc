// Opens many short replies in one process, and prints what is left of them as JSON. Run by many-streams.test.ts, bundled,
// with `--expose-gc`; the argument is how many.
import { getEventListeners, setMaxListeners } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { createGateway, isRatatoskrError, user, type ChatStream, type Gateway } from 'ratatoskr'
import {
  dialects,
  fixtureBytes,
  type DialectUnderTest,
} from '../../packages/ratatoskr/test/dialects.ts'

/** What there is when nothing is under way. */
export interface Sample {
  streams: number
  /** Bytes after a collection. */
  heap: number
  /** Of the signal that all streams share. */
  listeners: number
  /** Sockets and timers, but for the server's. */
  handles: number
}

/** What the process prints. */
export interface ManyStreams {
  samples: Sample[]
  /** How the replies have ended. */
  ends: { [how: string]: number }
  overHttp: number
}

const total = Number(process.argv[2])
const overHttp = Math.min(5000, Math.floor(total / 20))
const atOnce = 20
const shared = new AbortController()
// Each stream under way may listen to it; Node warns above ten.
setMaxListeners(0, shared.signal)
const ends: { [how: string]: number } = {}

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    answer(Number(request.headers['x-way']), request.headers['x-dialect'], response)
  })
})
// Else it may close a connection just when it is used again.
server.keepAliveTimeout = 0
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve)
})
const address = server.address()
const port = typeof address === 'object' && address ? address.port : 0

/** The ways a reply goes: whole, cut, and silent after its beginning. */
function bodyOf(dialect: DialectUnderTest, way: number): { bytes: Uint8Array; isSilent: boolean } {
  const bytes = fixtureBytes(dialect)
  const begin = bytes.subarray(0, dialect.boundaries(bytes).at(3))
  return way < 4 ? { bytes, isSilent: false } : { bytes: begin, isSilent: way > 4 }
}

function answer(way: number, name: string | string[] | undefined, response: ServerResponse): void {
  const dialect = dialects[Number(name)]
  if (!dialect) return
  const { bytes, isSilent } = bodyOf(dialect, way)
  response.writeHead(200, { 'content-type': dialect.contentType })
  response.write(bytes)
  if (!isSilent) response.end()
}

function memoryFetch(dialect: DialectUnderTest, way: number): () => Promise<Response> {
  const { bytes, isSilent } = bodyOf(dialect, way)
  return async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes)
        if (!isSilent) controller.close()
      },
    })
    return new Response(body, { headers: { 'content-type': dialect.contentType } })
  }
}

const httpFetch =
  (dialect: number, way: number) =>
  (_url: string, init: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/`, {
      ...init,
      headers: { 'x-way': `${way}`, 'x-dialect': `${dialect}` },
    })

/** One for each dialect, way and transport, as a program has them: for long. */
const gateways = new Map<string, Gateway>()
function gatewayFor(number: number, way: number, isHttp: boolean): Gateway {
  const key = `${number} ${way} ${isHttp}`
  const dialect = dialects[number]
  const known = gateways.get(key)
  if (known || !dialect) return known ?? createGateway({ providers: [] })
  const provider = dialect.provider(isHttp ? httpFetch(number, way) : memoryFetch(dialect, way))
  const made = createGateway({ providers: [provider], retry: false })
  gateways.set(key, made)
  return made
}

async function one(i: number, isHttp: boolean): Promise<void> {
  const way = i % 8
  const number = Math.floor(i / 8) % dialects.length
  const own = new AbortController()
  const gateway = gatewayFor(number, way, isHttp)
  // Not `AbortSignal.any`: Node 20 keeps some bytes of each.
  const { signal } = way === 5 ? own : shared
  const stream = await gateway.chatStream([user('Hello')], { model: 'squirrel', signal })
  try {
    await use(stream, way, own)
    count(`way ${way}: ended`)
  } catch (error) {
    if (isRatatoskrError(error)) count(`way ${way}: ${error.code}`)
    else if (own.signal.aborted) count(`way ${way}: aborted`)
    else throw error
  }
}

async function use(stream: ChatStream, way: number, own: AbortController): Promise<void> {
  // Whole ones: iterated, read, collected, piped. Then: cut; aborted; given up by break; cancelled unread.
  if (way === 1) {
    const reader = stream.getReader()
    while (!(await reader.read()).done);
  } else if (way === 2) await stream.response()
  else if (way === 3) await stream.pipeTo(new WritableStream())
  else if (way === 5) {
    const response = stream.response()
    own.abort(new Error('enough'))
    await response
  } else if (way === 7) {
    await stream.cancel()
    await stream.response()
  } else {
    for await (const _ of stream) if (way === 6) break
  }
}

function count(how: string): void {
  ends[how] = (ends[how] ?? 0) + 1
}

async function sample(streams: number): Promise<Sample> {
  // Connections that are closed need a turn or two.
  for (let i = 0; i < 20 && handles() > 0; i += 1) await new Promise((go) => setTimeout(go, 20))
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc?.()
    await new Promise(setImmediate)
  }
  return {
    streams,
    heap: process.memoryUsage().heapUsed,
    listeners: getEventListeners(shared.signal, 'abort').length,
    handles: handles(),
  }
}

/** Timers that would keep a program alive; connections in reserve would not. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}

const samples: Sample[] = []
const step = Math.ceil(total / 5)
for (let from = 0; from < total; from += step) {
  const to = Math.min(total, from + step)
  let next = from
  const work = async (): Promise<void> => {
    for (let i = next++; i < to; i = next++) {
      await one(i, Math.floor(((i + 1) * overHttp) / total) > Math.floor((i * overHttp) / total))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  samples.push(await sample(to))
}
server.closeAllConnections()
server.close()
process.stdout.write(JSON.stringify({ samples, ends, overHttp } satisfies ManyStreams))
