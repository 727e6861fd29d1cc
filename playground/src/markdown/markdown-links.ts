import { appendText } from './long-text.ts'
import { element } from './markdown-elements.ts'
import { bareAddressLength, destination, safeAddress } from './safe-address.ts'

/** The bracket of what turned out to be no link, such as `[1]`: the parser has swallowed it. */
export function openBracket(node: HTMLElement, isImage: boolean): void {
  node.prepend(isImage ? '![' : '[')
}

/** Gives a link its address, or shows what was given in place of one. */
export function finishLink(node: HTMLElement, source: string): void {
  const address = destination(source)
  const url = safeAddress(address)
  if (url !== undefined && node instanceof HTMLAnchorElement) {
    openInNewTab(node, url)
  } else if (address === '' || address.includes(' ')) {
    // `list[0](a, b)` is no link in the first place.
    openBracket(node, false)
    appendText(node, `](${source})`)
  } else {
    appendText(node, ` (${address})`)
  }
}

/** An image is never loaded: its address alone could carry what was said out of the page. */
export function finishImage(node: HTMLElement, source: string, mayLink: boolean): void {
  node.prepend('Image: ')
  const address = destination(source)
  const url = safeAddress(address)
  if (url === undefined || url.protocol === 'mailto:' || !mayLink) {
    appendText(node, ` (${address})`)
    return
  }
  appendText(node, ' ')
  const link = element('a')
  openInNewTab(link, url)
  appendText(link, `open image at ${url.host}`)
  node.append(link)
}

/** Shows a bare address, as a link if it may be one. */
export function appendBareLink(parent: HTMLElement, text: string, mayLink: boolean): void {
  const length = bareAddressLength(text)
  const url = mayLink ? safeAddress(text.slice(0, length)) : undefined
  if (url === undefined) {
    appendText(parent, text)
    return
  }
  const link = element('a')
  openInNewTab(link, url)
  appendText(link, text.slice(0, length))
  parent.append(link)
  appendText(parent, text.slice(length))
}

function openInNewTab(link: HTMLAnchorElement, url: URL): void {
  link.href = url.href
  // The reader sees where the link leads before following it.
  link.title = url.href
  link.target = '_blank'
  link.rel = 'noopener noreferrer nofollow'
  link.referrerPolicy = 'no-referrer'
}
