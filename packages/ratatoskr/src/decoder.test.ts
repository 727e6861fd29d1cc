import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pipe, type Decoder } from './decoder.ts'

type Step = Decoder<string, string>

/** Emits what it is given, marked with its name, each time it is given as much as `every`. */
function marking(name: string, every: number, log: string[] = []): Step {
  let held: string[] = []
  const flush = (emit: (output: string) => void): void => {
    if (held.length > 0) emit(`${name}(${held.join('+')})`)
    held = []
  }
  return {
    push(input, emit) {
      log.push(`${name} push ${input}`)
      held.push(input)
      if (held.length === every) flush(emit)
    },
    end(emit) {
      log.push(`${name} end`)
      flush(emit)
      emit(`${name} over`)
    },
  }
}

const doubling = (): Step => ({
  push(input, emit) {
    emit(input)
    emit(input)
  },
  end() {},
})

function run(step: Step, inputs: readonly string[]): string[] {
  const outputs: string[] = []
  const emit = (output: string): void => {
    outputs.push(output)
  }
  for (const input of inputs) step.push(input, emit)
  step.end(emit)
  return outputs
}

describe('pipe', () => {
  it('gives each output of the first step to the second, at once and in order', () => {
    const step = pipe(doubling(), marking('b', 1))
    expect(run(step, ['1', '2'])).toEqual(['b(1)', 'b(1)', 'b(2)', 'b(2)', 'b over'])
  })

  it('emits what a push completes before it returns', () => {
    const step = pipe(marking('a', 2), marking('b', 1))
    const outputs: string[] = []
    const push = (input: string): void => {
      step.push(input, (output) => outputs.push(output))
    }
    push('1')
    expect(outputs).toEqual([])
    push('2')
    expect(outputs).toEqual(['b(a(1+2))'])
  })

  it('emits into the sink of the push that completes it, not of an earlier one', () => {
    const step = pipe(marking('a', 2), marking('b', 1))
    const first: string[] = []
    const second: string[] = []
    const last: string[] = []
    step.push('1', (output) => first.push(output))
    step.push('2', (output) => second.push(output))
    step.push('3', (output) => first.push(output))
    step.end((output) => last.push(output))
    expect([first, second, last]).toEqual([[], ['b(a(1+2))'], ['b(a(3))', 'b(a over)', 'b over']])
  })

  it('ends the first step before the second, which still gets what the first one held back', () => {
    const log: string[] = []
    const outputs = run(pipe(marking('a', 9, log), marking('b', 9, log)), ['1', '2'])
    expect(log).toEqual([
      'a push 1',
      'a push 2',
      'a end',
      'b push a(1+2)',
      'b push a over',
      'b end',
    ])
    expect(outputs).toEqual(['b(a(1+2)+a over)', 'b over'])
  })

  it('gives the same, however three steps are put together', () => {
    const size = fc.integer({ min: 1, max: 4 })
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 })), size, size, size, (inputs, a, b, c) => {
        const steps = (): [Step, Step, Step] => [marking('a', a), marking('b', b), marking('c', c)]
        const [a1, b1, c1] = steps()
        const [a2, b2, c2] = steps()
        expect(run(pipe(pipe(a1, b1), c1), inputs)).toEqual(run(pipe(a2, pipe(b2, c2)), inputs))
      }),
    )
  })

  it('ends three steps in their order, however they are put together', () => {
    const ends = (join: (log: string[]) => Step): string[] => {
      const log: string[] = []
      run(join(log), [])
      return log.filter((entry) => entry.endsWith('end'))
    }
    const order = ['a end', 'b end', 'c end']
    const step = (name: string, log: string[]): Step => marking(name, 1, log)
    expect(ends((log) => pipe(pipe(step('a', log), step('b', log)), step('c', log)))).toEqual(order)
    expect(ends((log) => pipe(step('a', log), pipe(step('b', log), step('c', log))))).toEqual(order)
  })

  it('throws what a step throws, after what was good has been emitted', () => {
    const failing: Step = {
      push(input, emit) {
        if (input === 'bad') throw new Error('bad')
        emit(input)
      },
      end() {
        throw new Error('end')
      },
    }
    const outputs: string[] = []
    const step = pipe(doubling(), pipe(failing, marking('b', 1)))
    const emit = (output: string): void => {
      outputs.push(output)
    }
    step.push('good', emit)
    expect(() => {
      step.push('bad', emit)
    }).toThrow('bad')
    expect(outputs).toEqual(['b(good)', 'b(good)'])
    expect(() => {
      step.end(emit)
    }).toThrow('end')
    expect(outputs).toEqual(['b(good)', 'b(good)'])
  })
})
