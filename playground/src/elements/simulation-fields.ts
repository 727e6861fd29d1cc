import { html, type TemplateResult } from 'lit'
import { dialectLabels, isDialect } from '../chain/stages.ts'
import { faults, paces, scripts, type Choice, type Simulation } from '../simulated/simulation.ts'
import type { Settings } from '../state/settings.ts'
import { option, valueOf } from './form-controls.ts'

/** What the simulated model says, how fast, in which format, and what goes wrong. */
export function simulationFields(settings: Settings): TemplateResult {
  const { simulation, dialect } = settings.values
  const choice = (
    name: keyof Simulation,
    label: string,
    choices: readonly Choice[],
  ): TemplateResult =>
    html`<div class="field">
      <label for=${name}>${label}</label>
      <select id=${name} @change=${(event: Event) => settings.simulate({ [name]: valueOf(event) })}>
        ${choices.map((one) => option(one.id, one.label, simulation[name]))}
      </select>
    </div>`
  return html`
    ${choice('script', 'What it says', scripts)} ${choice('pace', 'Pace', paces)}
    ${choice('fault', 'What goes wrong', faults)}
    <div class="field">
      <label for="dialect">Wire format</label>
      <select
        id="dialect"
        @change=${(event: Event) => {
          const found = valueOf(event)
          if (isDialect(found)) settings.change({ dialect: found })
        }}
      >
        ${Object.entries(dialectLabels).map(([id, label]) => option(id, label, dialect))}
      </select>
    </div>
  `
}
