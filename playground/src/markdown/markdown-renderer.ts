import * as smd from 'streaming-markdown'
import {
  appendCell,
  appendCheckbox,
  appendCode,
  appendRow,
  appendTable,
  element,
  heading,
  nameLanguage,
} from './markdown-elements.ts'
import { appendBareLink, finishImage, finishLink, openBracket } from './markdown-links.ts'
import { appendText } from './long-text.ts'

/** An element that is open, one for each token that the parser has open, and the root below them. */
interface Open {
  readonly token: number
  readonly node: HTMLElement
  /** A paragraph or a cell made for text that the parser puts where no text can stand. */
  loose?: HTMLElement | undefined
  /** A link has its address, or its source has been shown in place of it. */
  settled?: boolean
  /** The text of a bare address, held back until it is known where the address ends. */
  held?: string
}

/**
 * A reserved noncharacter. At the head of what the parser holds back it makes a paragraph of it; it is never shown,
 * and the writer replaces it in the text of a reply.
 */
export const sentinel = '\uFDD0'

const phrases: ReadonlyMap<number, 'em' | 'strong' | 's' | 'code' | 'br'> = new Map([
  [smd.ITALIC_AST, 'em'],
  [smd.ITALIC_UND, 'em'],
  [smd.STRONG_AST, 'strong'],
  [smd.STRONG_UND, 'strong'],
  [smd.STRIKE, 's'],
  [smd.CODE_INLINE, 'code'],
  [smd.LINE_BREAK, 'br'],
])

/**
 * The elements of a reply. Every element and attribute is named here; the text of a reply becomes nothing but text,
 * except for checked addresses, the numbers of lists and the labels of languages.
 */
export class MarkdownRenderer {
  readonly #root: Open
  readonly #open: Open[]
  #text = ''
  /** What the parser holds back: it tells which characters opened or closed a token. */
  #pending: () => string = () => ''

  constructor(root: HTMLElement) {
    this.#root = { token: smd.DOCUMENT, node: root }
    this.#open = [this.#root]
  }

  /** What a parser calls. */
  callbacks(pending: () => string, onTable: () => void): smd.Renderer<undefined> {
    this.#pending = pending
    return {
      data: undefined,
      add_token: (_, token) => {
        if (token === smd.TABLE) onTable()
        this.#add(token)
      },
      end_token: () => {
        this.#end(this.#pending())
      },
      add_text: (_, text) => {
        this.text(text.replaceAll(sentinel, ''))
      },
      set_attr: (_, attribute, value) => {
        this.#set(attribute, value)
      },
    }
  }

  text(text: string): void {
    const top = this.#top
    if (top.held === undefined) this.#text += text
    else top.held += text
  }

  /** Shows what the parser held back as it stands: the token on top was none after all. */
  literal(text: string): void {
    this.text(text)
    this.flush()
    const top = this.#top
    const isImage = top.token === smd.IMAGE
    if (!top.settled && (isImage || top.token === smd.LINK)) openBracket(top.node, isImage)
    top.settled = true
  }

  lineBreak(): void {
    this.flush()
    this.#phrasing().append(element('br'))
  }

  flush(): void {
    if (this.#text === '') return
    appendText(this.#phrasing(), this.#text)
    this.#text = ''
  }

  close(): void {
    while (this.#open.length > 1) this.#end('')
    this.flush()
    this.#root.loose = undefined
  }

  get #top(): Open {
    return this.#open.at(-1) ?? this.#root
  }

  get #insideLink(): boolean {
    return this.#open.some(({ node }) => node instanceof HTMLAnchorElement)
  }

  /** Where text goes. */
  #phrasing(): HTMLElement {
    const top = this.#top
    switch (top.token) {
      case smd.DOCUMENT:
      case smd.BLOCKQUOTE:
        return (top.loose ??= top.node.appendChild(element('p')))
      case smd.LIST_ORDERED:
      case smd.LIST_UNORDERED:
        return (top.loose ??= top.node.appendChild(element('li')))
      case smd.TABLE:
        return (top.loose ??= appendRow(top.node).appendChild(element('td')))
      case smd.TABLE_ROW:
        return (top.loose ??= top.node.appendChild(element('td')))
      default:
        return top.node
    }
  }

  #add(token: number): void {
    this.flush()
    const made = this.#make(token)
    this.#open.push(made)
  }

  #make(token: number): Open {
    const name = phrases.get(token)
    if (name !== undefined) return { token, node: this.#phrasing().appendChild(element(name)) }
    switch (token) {
      case smd.CHECKBOX:
        return { token, node: appendCheckbox(this.#phrasing()) }
      case smd.LINK: {
        const node = this.#insideLink ? element('span') : element('a')
        return { token, node: this.#phrasing().appendChild(node) }
      }
      case smd.RAW_URL:
        return { token, node: this.#phrasing(), held: '' }
      case smd.IMAGE:
        return { token, node: this.#phrasing().appendChild(element('span', 'image')) }
      case smd.EQUATION_INLINE: {
        const node = this.#phrasing().appendChild(element('code', 'math'))
        appendText(node, this.#pending() === '\\' ? '\\(' : '$')
        return { token, node }
      }
      case smd.EQUATION_BLOCK: {
        const node = this.#phrasing().appendChild(element('code', 'math math-block'))
        appendText(node, `${this.#pending()}\n`)
        return { token, node }
      }
      default:
        return this.#block(token)
    }
  }

  #block(token: number): Open {
    const top = this.#top
    // The parser opens a paragraph within a paragraph for a line that begins like a fence and is none.
    if (token === smd.PARAGRAPH && /^(?:P|H\d|EM|STRONG|S|A|SPAN|TD)$/.test(top.node.tagName)) {
      this.lineBreak()
      return { token, node: top.node }
    }
    const isLooseInTable = top.token === smd.TABLE && token !== smd.TABLE_ROW
    const parent = isLooseInTable ? this.#phrasing() : top.node
    top.loose = undefined
    switch (token) {
      case smd.HEADING_1:
      case smd.HEADING_2:
      case smd.HEADING_3:
      case smd.HEADING_4:
      case smd.HEADING_5:
      case smd.HEADING_6:
        return { token, node: parent.appendChild(heading(token - smd.HEADING_1)) }
      case smd.BLOCKQUOTE:
        return { token, node: parent.appendChild(element('blockquote')) }
      case smd.RULE:
        return { token, node: parent.appendChild(element('hr')) }
      case smd.LIST_UNORDERED:
        return { token, node: parent.appendChild(element('ul')) }
      case smd.LIST_ORDERED:
        return { token, node: parent.appendChild(element('ol')) }
      case smd.LIST_ITEM:
        return { token, node: parent.appendChild(element('li')) }
      case smd.CODE_BLOCK:
      case smd.CODE_FENCE:
        return { token, node: appendCode(parent) }
      case smd.TABLE:
        return { token, node: appendTable(parent) }
      case smd.TABLE_ROW:
        return { token, node: appendRow(top.node) }
      case smd.TABLE_CELL:
        return { token, node: appendCell(parent) }
      default:
        return { token, node: parent.appendChild(element('p')) }
    }
  }

  #end(pending: string): void {
    this.flush()
    const ended = this.#open.length > 1 ? this.#open.pop() : undefined
    if (ended === undefined) return
    const { token, node, settled = false } = ended
    switch (token) {
      case smd.RAW_URL:
        appendBareLink(node, ended.held ?? '', settled && !this.#insideLink)
        break
      case smd.LINK:
      case smd.IMAGE:
        if (settled) break
        openBracket(node, token === smd.IMAGE)
        if (pending === ']') appendText(node, ']')
        break
      case smd.EQUATION_INLINE:
      case smd.EQUATION_BLOCK: {
        if (settled || (pending !== '$' && pending !== '\\')) break
        const block = token === smd.EQUATION_BLOCK
        appendText(node, pending === '$' ? (block ? '$$' : '$') : block ? '\\]' : '\\)')
        break
      }
    }
  }

  #set(attribute: number, value: string): void {
    const top = this.#top
    const { node } = top
    switch (attribute) {
      case smd.HREF:
        this.flush()
        if (top.token === smd.LINK) finishLink(node, value)
        top.settled = true
        break
      case smd.SRC:
        this.flush()
        finishImage(node, value, !this.#insideLink)
        top.settled = true
        break
      case smd.START:
        if (node instanceof HTMLOListElement && /^\d{1,9}$/.test(value)) node.start = Number(value)
        break
      case smd.CHECKED:
        if (node instanceof HTMLInputElement) node.defaultChecked = true
        break
      case smd.LANG:
        // Whatever else stands on the line of a fence is shown, as no text may be lost.
        if (!nameLanguage(node, value.trim())) this.text(`${value.trim()}\n`)
        break
    }
  }
}
