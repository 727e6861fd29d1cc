/**
 * Where a text stops being JSON, counted from 0. Engines tell it each in its own words, quote the
 * payload, or say nothing; and this runs only once a reply has failed.
 */
export function findSyntaxError(text: string): number {
  // RFC 8259: what may follow is decided by the innermost container and by what came before.
  const token =
    /[\t\n\r ]*(?:([{}[\],:])|("[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y
  const open: string[] = []
  let expect = 'value'
  for (;;) {
    const start = token.lastIndex
    const match = token.exec(text)
    if (match === null) {
      const blank = /^[\t\n\r ]*/.exec(text.slice(start))?.[0].length ?? 0
      return start + blank
    }
    const [all, mark, string] = match
    const at = start + all.length - all.trimStart().length
    if (mark === '{' || mark === '[') {
      if (!expect.startsWith('value')) return at
      open.push(mark)
      expect = mark === '{' ? 'key or end' : 'value or end'
    } else if (mark === '}' || mark === ']') {
      if (!expect.endsWith('end') || open.pop() !== (mark === '}' ? '{' : '[')) return at
      expect = open.length === 0 ? 'nothing' : 'comma or end'
    } else if (mark === ',') {
      if (!expect.startsWith('comma')) return at
      expect = open.at(-1) === '{' ? 'key' : 'value'
    } else if (mark === ':') {
      if (expect !== 'colon') return at
      expect = 'value'
    } else if (string !== undefined && expect.startsWith('key')) {
      expect = 'colon'
    } else {
      if (!expect.startsWith('value')) return at
      expect = open.length === 0 ? 'nothing' : 'comma or end'
    }
  }
}
