import { languages, setLanguage, type Language } from './index'

const key = 'mbflow.language'

export function preferredLanguage(): Language {
  const kept = localStorage.getItem(key)
  if (kept && kept in languages) return kept as Language
  return navigator.languages.some((wanted) => wanted.toLowerCase().startsWith('ru')) ? 'ru' : 'en'
}

function keepLanguage(language: Language): void {
  localStorage.setItem(key, language)
}

export function switchLanguage(language: Language): void {
  keepLanguage(language)
  void setLanguage(language)
}
