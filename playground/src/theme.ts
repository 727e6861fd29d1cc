/** As the system has it, or one of its two. */
export type Theme = 'system' | 'light' | 'dark'

const item = 'ratatoskr.theme'

/** What the button says. */
export const themeLabels: { readonly [theme in Theme]: string } = {
  system: 'System theme',
  light: 'Light theme',
  dark: 'Dark theme',
}

/** The theme after this one. */
export function nextTheme(theme: Theme): Theme {
  if (theme === 'system') return 'light'
  return theme === 'light' ? 'dark' : 'system'
}

/** Shows a theme, and keeps it for the next visit. */
export function applyTheme(theme: Theme): void {
  const root = document.documentElement
  if (theme === 'system') delete root.dataset['theme']
  else root.dataset['theme'] = theme
  try {
    localStorage.setItem(item, theme)
  } catch {
    // Storage may be forbidden: then it is for this visit only.
  }
}

/** The theme of the last visit. */
export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(item)
    return stored === 'light' || stored === 'dark' ? stored : 'system'
  } catch {
    return 'system'
  }
}
