/** What events carry, and what says nothing. */
const carried =
  /^(id|object|created|model|usage|error|p|obfuscation|index|message|role|content|refusal|annotations|images|citations|(search|finish|reasoning|tool|function)_?.*)$/

/**
 * Makes the function that finds in a chunk what no event carries, such as log probabilities,
 * other choices, or a host's own fields. What only repeats the last chunk's is not new.
 */
export function extraFields(): (chunk: {
  choices?: { index?: unknown }[] | null | undefined
}) => boolean {
  let last: string | undefined
  return (chunk) => {
    const rest = JSON.stringify(chunk, (key, value: unknown) =>
      value === null || value === '' || carried.test(key) ? undefined : value,
    )
    // Braces and brackets alone hold nothing.
    const isNew = /":[^[{]/.test(rest) && rest !== last
    last = rest
    return isNew || chunk.choices?.some(({ index }) => index) === true
  }
}
