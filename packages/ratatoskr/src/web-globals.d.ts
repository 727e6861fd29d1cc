/** The few web globals that the pure layers use; they are compiled without the DOM library. */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(input?: Uint8Array, options?: { stream?: boolean }): string
}

declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>
}

declare function atob(data: string): string
declare function btoa(data: string): string

/** Opaque here: the pure layers carry a signal in the options, and never look at it. */
interface AbortSignal {
  readonly aborted: boolean
}
