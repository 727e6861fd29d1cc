import { fieldsOf, textOf } from '../../json/shape.ts'
import type { ChatOptions, ToolChoice, ToolDefinition } from '../../options.ts'
import { readBody, refuse } from '../request-body.ts'
import { functionTool } from './request-schema.ts'

type Sent = { readonly [field: string]: unknown }

/** What was decoded of some fields, and the fields themselves where that is not all they say. */
export interface DecodedOptions {
  options: Omit<Partial<ChatOptions>, 'model'>
  extra: { [field: string]: unknown }
}

/** Decodes the `tools` and the `tool_choice` of a client's body. */
export function decodeTools(
  sent: readonly Sent[] | null | undefined,
  choice: unknown,
): DecodedOptions {
  const tools: ToolDefinition[] = []
  let isAll = true
  for (const [i, tool] of (sent ?? []).entries()) {
    if ((tool['type'] ?? 'function') !== 'function') {
      isAll = false
      continue
    }
    const { function: described } = readBody(functionTool, tool, `tools.${i}`)
    const { name, description, parameters, strict, ...others } = described
    const place = `tools.${i}.function.name`
    if (!/^[\w-]+$/.test(name)) {
      refuse('invalid_request', place, 'must be of letters, digits, _ and -')
    }
    if (tools.some((other) => other.name === name)) {
      refuse('invalid_request', place, 'must be another than those before')
    }
    tools.push({
      name,
      ...(description != null && { description }),
      ...(parameters != null && { parameters }),
      ...(strict != null && { strict }),
    })
    const { type: _, function: __, ...beside } = tool
    isAll &&= isEmpty(others) && isEmpty(beside)
  }
  const toolChoice = readChoice(choice, tools, isAll)
  return {
    options: { ...(tools[0] && { tools }), ...(toolChoice && { toolChoice }) },
    extra: {
      ...(!isAll && { tools: sent }),
      ...(choice != null && !toolChoice && { tool_choice: choice }),
    },
  }
}

/** Undefined where there is none, or one that has no unified form. */
function readChoice(
  choice: unknown,
  tools: readonly ToolDefinition[],
  isAll: boolean,
): ToolChoice | undefined {
  if (choice == null) return undefined
  const { type = 'function', function: named } = fieldsOf(choice)
  const name = type === 'function' ? textOf(fieldsOf(named)['name']) : ''
  const isForm = typeof choice === 'string' || name || (type !== 'function' && textOf(type))
  if (!isForm)
    refuse('invalid_request', 'tool_choice', 'must be auto, none, required or a function')
  if (name) {
    const fits = tools.some((tool) => tool.name === name)
    if (!fits && isAll) refuse('invalid_request', 'tool_choice', 'must name one of the tools')
    return fits ? { name } : undefined
  }
  if (choice === 'required' && !tools[0] && isAll) {
    refuse('invalid_request', 'tool_choice', 'must not be required without tools')
  }
  const isWord = choice === 'auto' || choice === 'none' || choice === 'required'
  // Without tools of ours, no choice of ours is sent.
  return isWord && (tools[0] || isAll) ? choice : undefined
}

/** Whether nothing is said; null says nothing. */
export function isEmpty(fields: Sent): boolean {
  return Object.values(fields).every((value) => value == null)
}
