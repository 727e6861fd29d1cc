import type { ToolCall, ToolDefinition } from 'ratatoskr'

/** A tool that can be offered to the model, and what the page suggests as its result. */
export interface ExampleTool {
  definition: ToolDefinition
  /** A result to begin with; whoever plays the tool may change it. */
  suggest: (given: { readonly [name: string]: unknown }) => unknown
}

/** The tools of the settings. */
export const exampleTools: readonly ExampleTool[] = [
  {
    definition: {
      name: 'get_weather',
      description: 'The weather in a place, now.',
      parameters: {
        type: 'object',
        properties: {
          place: { type: 'string', description: 'A city', examples: ['Oslo'] },
          unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
        },
        required: ['place'],
        additionalProperties: false,
      },
    },
    suggest: ({ place, unit }) => ({
      place,
      temperature: unit === 'fahrenheit' ? 39 : 4,
      unit: unit === 'fahrenheit' ? 'fahrenheit' : 'celsius',
      sky: 'light rain',
    }),
  },
  {
    definition: {
      name: 'get_time',
      description: 'The time in a time zone, now.',
      parameters: {
        type: 'object',
        properties: {
          zone: { type: 'string', description: 'An IANA time zone', examples: ['Europe/Oslo'] },
        },
        required: ['zone'],
        additionalProperties: false,
      },
    },
    suggest: ({ zone }) => ({ zone, time: timeIn(zone) }),
  },
  {
    definition: {
      name: 'search',
      description: 'Searches the encyclopedia and gives the first hits.',
      parameters: {
        type: 'object',
        properties: {
          query: { type: 'string', examples: ['Ratatoskr'] },
          limit: { type: 'integer', minimum: 1, maximum: 10 },
        },
        required: ['query'],
        additionalProperties: false,
      },
    },
    suggest: ({ query }) => [
      { title: 'Ratatoskr', text: `The squirrel of the world ash. Found for: ${String(query)}` },
    ],
  },
]

/** What the page suggests as the result of a call: text for the box, to be changed or sent as it is. */
export function suggestResult({ name, arguments: text }: ToolCall): string {
  const tool = exampleTools.find(({ definition }) => definition.name === name)
  const given = parsed(text)
  if (tool === undefined || typeof given !== 'object' || given === null) return '{ "ok": true }'
  return JSON.stringify(tool.suggest({ ...given }), null, 2)
}

/** What a model has written is JSON as a rule, and not always. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function timeIn(zone: unknown): string {
  const now = new Date()
  try {
    return now.toLocaleTimeString('en-GB', { timeZone: String(zone) })
  } catch {
    // No such zone: an answer all the same.
    return now.toLocaleTimeString('en-GB')
  }
}
