import { isRatatoskrError } from 'ratatoskr'
import { Trace } from './chain/trace.ts'
import { createLine, type LineOptions } from './providers/line.ts'
import { listModels, type ListedModels } from './providers/list-models.ts'
import { Conversation } from './state/conversation.ts'
import { Settings } from './state/settings.ts'
import { gallery } from './tapes/gallery.ts'
import { kit } from './tapes/kit.ts'
import { saveFile } from './tapes/save-file.ts'

/** The largest file that is opened as a tape, in bytes. */
const largestFile = 64 * 1024 * 1024

/** What the page's elements show and change. */
export class Page {
  readonly settings: Settings
  readonly trace: Trace = new Trace()
  readonly conversation: Conversation
  readonly #fetch: LineOptions['fetch']

  constructor(options: LineOptions, storage?: Storage) {
    this.#fetch = options.fetch
    this.settings = new Settings(storage, options.relay)
    const line = createLine(options)
    this.conversation = new Conversation(this.settings, this.trace, line, storage)
  }

  /** The models that the chosen provider has. */
  listModels(): Promise<ListedModels> {
    return listModels(this.settings, this.#fetch)
  }

  /** Plays a tape of the gallery. */
  async playFromGallery(id: string): Promise<void> {
    const found = gallery.find((one) => one.id === id)
    if (found) await this.conversation.play(await found.open(), found.title)
  }

  /** Plays a tape from a file. Resolves with what is wrong with it, or undefined. */
  async playFile(file: File): Promise<string | undefined> {
    if (file.size > largestFile) return `${file.name} is too large for a tape (64 MB at most).`
    try {
      const { parseTape } = await kit()
      const tape = parseTape(await file.text())
      void this.conversation.play(tape, tape.note ?? file.name)
      return undefined
    } catch (error) {
      if (isRatatoskrError(error)) return `${file.name}: ${error.message}`
      return `${file.name} could not be read.`
    }
  }

  /** Saves the last reply as a tape. */
  async saveTape(): Promise<void> {
    const { tape } = this.conversation
    if (!tape) return
    const { stringifyTape } = await kit()
    const time = (tape.recorded ?? '').slice(0, 19).replaceAll(':', '-')
    saveFile(`reply-${time}.tape.json`, stringifyTape(tape))
    this.conversation.notify('The tape was saved.')
  }
}
