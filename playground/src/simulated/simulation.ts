import type { Asked, Fault, Pace, ScriptName, SimulatorOptions } from '@ratatoskr/testkit'
import { hostileMarkdown } from '../markdown/hostile-markdown.ts'

/** What the simulated provider is asked to do. */
export interface Simulation {
  script: string
  pace: string
  fault: string
}

/** One entry of a list of the settings. */
export interface Choice {
  id: string
  label: string
}

/** What the simulated model says. */
export const scripts: readonly (Choice & { play: SimulatorOptions['script'] })[] = [
  { id: 'auto', label: 'Answer what is asked', play: 'auto' },
  { id: 'prose', label: 'Prose', play: 'prose' },
  { id: 'code', label: 'Code, list and table', play: 'code' },
  { id: 'reasoning', label: 'Reasoning first', play: 'reasoning' },
  { id: 'tools', label: 'Two tool calls at once', play: toolsOnce },
  { id: 'long', label: 'Long, 3,000 words', play: 'long' },
  { id: 'unicode', label: 'Emoji, Chinese, Arabic', play: 'unicode' },
  { id: 'citations', label: 'Citations', play: 'citations' },
  { id: 'refusal', label: 'Refusal', play: 'refusal' },
  { id: 'length', label: 'Cut by the token limit', play: 'length' },
  { id: 'json', label: 'JSON', play: 'json' },
  { id: 'hostile', label: 'Hostile Markdown', play: [{ text: hostileMarkdown.join('\n\n') }] },
]

/** How fast it says it. */
export const paces: readonly (Choice & { pace: Pace })[] = [
  { id: 'slow', label: 'Slow', pace: { delay: 150, firstDelay: 1500 } },
  { id: 'steady', label: 'As a model', pace: { delay: 30, firstDelay: 400 } },
  { id: 'fast', label: 'Fast', pace: { delay: 4, firstDelay: 50 } },
  { id: 'instant', label: 'At once', pace: {} },
]

/** What goes wrong on the way. */
export const faults: readonly (Choice & { faults: readonly Fault[] })[] = [
  { id: 'none', label: 'Nothing', faults: [] },
  {
    id: 'cut',
    label: 'The reply is cut off',
    faults: [{ kind: 'cut', afterEvents: 14 }],
  },
  {
    id: 'reset',
    label: 'The connection breaks',
    faults: [{ kind: 'reset', afterEvents: 14 }],
  },
  {
    id: 'stall',
    label: 'The model falls silent',
    faults: [{ kind: 'stall', afterEvents: 14 }],
  },
  {
    id: 'error',
    label: 'An error in mid-stream',
    faults: [{ kind: 'error', afterEvents: 14 }],
  },
  { id: 'bad-json', label: 'JSON that is cut in two', faults: [{ kind: 'badJson', event: 9 }] },
  { id: 'html', label: 'A web page instead', faults: [{ kind: 'contentType' }] },
  { id: '401', label: '401: the key is wrong', faults: [{ kind: 'status', status: 401 }] },
  {
    id: '429',
    label: '429: too many requests',
    faults: [{ kind: 'status', status: 429, retryAfter: 1 }],
  },
  { id: '500', label: '500: the provider fails', faults: [{ kind: 'status', status: 500 }] },
  { id: '529', label: '529: overloaded', faults: [{ kind: 'status', status: 529 }] },
  { id: 'no-end', label: 'No end marker', faults: [{ kind: 'noEnd' }] },
  { id: 'drip', label: 'A byte at a time', faults: [{ kind: 'drip', size: 1, delay: 1 }] },
  { id: 'duplicate', label: 'An event comes twice', faults: [{ kind: 'duplicate', event: 5 }] },
]

/** Calls tools, and answers when it has their results. */
function toolsOnce({ messages }: Asked): ScriptName {
  return messages.at(-1)?.role === 'tool' ? 'auto' : 'tools'
}

const folder = '/simulated/'

/** The base URL at which the simulated provider does this; the page's own server has it. */
export function simulatedURL(origin: string, { script, pace, fault }: Simulation): string {
  return `${origin}${folder}${script}/${pace}/${fault}/v1`
}

/** Whether a path is the simulated provider's. */
export function isSimulatedPath(path: string): boolean {
  return path.startsWith(folder)
}

/** What the simulator has to do for a request, as its address says. */
export function simulationAt(url: string): SimulatorOptions {
  const [, , script, pace, fault] = new URL(url, 'http://localhost').pathname.split('/')
  const play = scripts.find(({ id }) => id === script)?.play
  return {
    ...(play !== undefined && { script: play }),
    pace: paces.find(({ id }) => id === pace)?.pace ?? {},
    faults: faults.find(({ id }) => id === fault)?.faults ?? [],
    keys: false,
  }
}
