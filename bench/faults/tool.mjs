// The tool that the replies call.

export { inputSchema } from '../peers/write-file.mjs'

export const toolName = 'write_file'
export const prompt = 'Hello'

/**
 * What runs it: it notes with what. Where the library tells it the call's id, that is given, too; `null` is one that is missing.
 * @param {import('./types.ts').Seen} seen
 * @returns {(input: unknown, id?: string | null) => string}
 */
export const run = (seen) => (input, id) => {
  seen.call({ id, name: toolName, arguments: JSON.stringify(input), ran: true })
  return 'written'
}
