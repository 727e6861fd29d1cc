/**
 * Bytes as text, with everything to be seen that text hides: line ends and other control characters
 * as their pictures (Unicode block "Control Pictures"; line feeds as an arrow, which fonts have), and the halves of a character that a
 * chunk's boundary cuts in two as hexadecimal numbers.
 */
export function showBytes(bytes: Uint8Array, keepLines = false): string {
  const start = leadingContinuation(bytes)
  const end = Math.max(start, bytes.length - trailingIncomplete(bytes))
  const text = new TextDecoder().decode(bytes.subarray(start, end))
  const shown = text.replaceAll(/[\u0000-\u001f\u007f]/g, (control) => {
    const code = control.charCodeAt(0)
    const picture = pictures[control] ?? String.fromCharCode(0x2400 + code)
    return keepLines && control === '\n' ? `${picture}\n` : picture
  })
  return hex(bytes.subarray(0, start)) + shown + hex(bytes.subarray(end))
}

const pictures: { readonly [control: string]: string } = { '\n': '↵', '\u007f': '␡' }

function hex(bytes: Uint8Array): string {
  if (bytes.length === 0) return ''
  return `⟨${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}⟩`
}

/** How many bytes at the beginning belong to a character that began in the chunk before. */
function leadingContinuation(bytes: Uint8Array): number {
  let count = 0
  while (count < 3 && isContinuation(bytes[count])) count += 1
  return count
}

/** How many bytes at the end begin a character that ends in the next chunk. */
function trailingIncomplete(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (isContinuation(byte)) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? back : 0
  }
  return 0
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0
}
