import { isRatatoskrError, user, type ChatEvent, type Gateway, type Usage } from 'ratatoskr'

const question = 'Who is Ratatoskr, and can it climb today?'

/** Brings the page to life: Start streams the reply into it, Stop ends that and keeps the text. */
export function startPage(gateway: Gateway): void {
  const page = {
    question: find('question', HTMLElement),
    start: find('start', HTMLButtonElement),
    stop: find('stop', HTMLButtonElement),
    reply: find('reply', HTMLElement),
    placeholder: find('placeholder', HTMLElement),
    reasoning: find('reasoning', HTMLElement),
    content: find('content', HTMLElement),
    calls: find('calls', HTMLElement),
    status: find('status', HTMLElement),
    first: find('first', HTMLElement),
    events: find('events', HTMLElement),
    tokens: find('tokens', HTMLElement),
  }
  let controller = new AbortController()
  page.question.textContent = question

  page.start.addEventListener('click', () => {
    void stream()
  })
  page.stop.addEventListener('click', () => {
    controller.abort()
  })
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') controller.abort()
  })

  async function stream(): Promise<void> {
    controller = new AbortController()
    const { signal } = controller
    clear()
    setRunning(true)
    page.status.textContent = 'Waiting for the first event…'
    try {
      const began = performance.now()
      const reply = await gateway.chatStream([user(question)], { model: 'recorded', signal })
      page.first.textContent = `${Math.round(performance.now() - began)} ms`
      page.status.textContent = 'Streaming…'
      let count = 0
      for await (const event of reply) {
        count += 1
        page.events.textContent = String(count)
        show(event)
      }
    } catch (error) {
      page.status.textContent = signal.aborted ? 'Stopped. What had come stays.' : explain(error)
      if (!signal.aborted) page.status.classList.add('failed')
    } finally {
      setRunning(false)
    }
  }

  function clear(): void {
    page.reasoning.replaceChildren()
    page.content.replaceChildren()
    page.calls.replaceChildren()
    page.status.classList.remove('failed')
    for (const part of [page.reasoning, page.content, page.calls]) part.hidden = true
    for (const figure of [page.first, page.events, page.tokens]) figure.textContent = '–'
    page.placeholder.hidden = true
  }

  function setRunning(running: boolean): void {
    // A focused button that is disabled would lose the keyboard's place.
    const [from, to] = running ? [page.start, page.stop] : [page.stop, page.start]
    const focused = document.activeElement === from
    to.disabled = false
    if (focused) to.focus()
    from.disabled = true
    page.reply.ariaBusy = String(running)
    page.reply.classList.toggle('running', running)
  }

  function show(event: ChatEvent): void {
    switch (event.type) {
      case 'reasoning':
        append(page.reasoning, event.text)
        break
      case 'content':
      case 'refusal':
        append(page.content, event.text)
        break
      case 'tool_call_start': {
        const call = document.createElement('li')
        const name = document.createElement('b')
        name.textContent = event.name
        call.append(name, document.createElement('code'))
        page.calls.append(call)
        page.calls.hidden = false
        break
      }
      case 'tool_call_delta':
        page.calls.children[event.index]?.querySelector('code')?.append(event.arguments)
        break
      case 'tool_call_end':
        page.calls.children[event.index]?.classList.add('complete')
        break
      case 'usage':
        page.tokens.textContent = describe(event.usage)
        break
      case 'done':
        page.status.textContent = `Complete: ${event.finishReason}.`
        break
      case 'citation':
      case 'image':
      case 'provider':
        break
    }
  }
}

function append(element: HTMLElement, text: string): void {
  element.append(text)
  element.hidden = false
}

function describe({ totalTokens, promptTokens, completionTokens }: Usage): string {
  return `${totalTokens} (${promptTokens} + ${completionTokens})`
}

function explain(error: unknown): string {
  if (!isRatatoskrError(error)) return String(error)
  return `Failed (${error.code}): ${error.message}`
}

function find<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id)
  if (element instanceof kind) return element
  throw new Error(`The page has no ${kind.name} #${id}.`)
}
