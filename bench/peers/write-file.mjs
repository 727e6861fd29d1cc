/** The parameters of the tool that the replies call. */
export const inputSchema = /** @type {const} */ ({
  type: 'object',
  properties: { path: { type: 'string' }, content: { type: 'string' } },
  required: ['path', 'content'],
})
