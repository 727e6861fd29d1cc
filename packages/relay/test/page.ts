import { vi } from 'vitest'

/** What a page has and Node has not, as far as fetch-event-source looks at it; all else stays Node's own. */
export interface FakePage {
  /** How many listeners its document has. */
  readonly listeners: number
  /** Hides the tab, or shows it again. */
  setHidden(hidden: boolean): void
  setOnline(online: boolean): void
}

class FakeDocument extends EventTarget {
  hidden = false
  listeners = 0

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listeners += 1
    super.addEventListener(...args)
  }

  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    super.removeEventListener(...args)
  }
}

/** Until `vi.unstubAllGlobals()`, this process is a page. */
export function becomePage(): FakePage {
  const document = new FakeDocument()
  const events = new EventTarget()
  const navigator = { onLine: true }
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('document', document)
  vi.stubGlobal('navigator', navigator)
  vi.stubGlobal('addEventListener', events.addEventListener.bind(events))
  vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events))
  return {
    get listeners() {
      return document.listeners
    },
    setHidden(hidden) {
      document.hidden = hidden
      document.dispatchEvent(new Event('visibilitychange'))
    },
    setOnline(online) {
      navigator.onLine = online
      events.dispatchEvent(new Event(online ? 'online' : 'offline'))
    },
  }
}
