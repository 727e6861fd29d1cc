// A relay in Deno or Bun, by the server that each of them has.
import { createGateway } from 'ratatoskr'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import { createRelay, type LogEntry, type RelayOptions } from '@ratatoskr/relay'

/** Written in by whoever bundles this. */
declare const given: { upstream: string; options: Partial<RelayOptions> }

type Handler = (request: Request) => Promise<Response>
declare const Deno:
  | {
      serve(
        options: { hostname: string; port: number; onListen: (address: { port: number }) => void },
        handler: Handler,
      ): unknown
    }
  | undefined
declare const Bun:
  | { serve(options: { hostname: string; port: number; fetch: Handler }): { port: number } }
  | undefined

const entries: LogEntry[] = []
const usages: [string, number][] = []
const relay = createRelay({
  gateway: createGateway({
    retry: false,
    providers: [
      openaiCompatible({
        name: 'upstream',
        baseURL: `${given.upstream}/v1`,
        apiKey: 'sk-upstream-0123456789',
      }),
    ],
  }),
  authorize: ({ headers }) => ({ id: headers.get('authorization')?.slice(7) ?? '' }),
  log: (entry) => entries.push(entry),
  onUsage: (caller, report) => usages.push([caller.id, report.usage.completionTokens]),
  ...given.options,
})
const answer: Handler = async (request) =>
  new URL(request.url).pathname === '/test/seen'
    ? Response.json({ entries, usages })
    : relay(request)

const hostname = '127.0.0.1'
const tell = ({ port }: { port: number }): void => console.log(`listening at ${port}.`)
if (typeof Deno !== 'undefined') Deno.serve({ hostname, port: 0, onListen: tell }, answer)
else if (typeof Bun !== 'undefined') tell(Bun.serve({ hostname, port: 0, fetch: answer }))
