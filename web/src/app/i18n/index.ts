import { createI18n } from 'vue-i18n'

export type Language = 'en' | 'ru'
export const languages: Record<Language, string> = { en: 'English', ru: 'Русский' }

type Messages = { [key: string]: string | Messages }
export type Catalogue = Record<Language, () => Promise<{ default: Messages }>>

/** 1 узел, 2 узла, 5 узлов: forms are written "one | few | many". With two forms the second serves for the rest. */
export function russianPlural(count: number, forms: number): number {
  const n = Math.abs(count)
  const tens = n % 100
  const ones = n % 10
  if (ones === 1 && tens !== 11) return 0
  if (ones >= 2 && ones <= 4 && (tens < 12 || tens > 14)) return Math.min(1, forms - 1)
  return Math.min(2, forms - 1)
}

export const i18n = createI18n({
  legacy: false,
  locale: 'en' as Language,
  fallbackLocale: 'en',
  missingWarn: import.meta.env.DEV,
  fallbackWarn: false,
  messages: { en: {}, ru: {} } as Record<Language, Messages>,
  pluralRules: { ru: russianPlural },
})

const catalogues: Catalogue[] = [
  {
    en: () => import('@/locales/en.json') as Promise<{ default: Messages }>,
    ru: () => import('@/locales/ru.json') as Promise<{ default: Messages }>,
  },
]
const loaded = new Set<string>()

async function load(language: Language): Promise<void> {
  const missing = catalogues.map((catalogue, index) => [catalogue, `${language}:${index}`] as const).filter(([, key]) => !loaded.has(key))
  await Promise.all(
    missing.map(async ([catalogue, key]) => {
      const messages = await catalogue[language]()
      loaded.add(key)
      i18n.global.mergeLocaleMessage(language, messages.default)
    }),
  )
}

/** A lazy part of the site brings its own texts; they are there when this resolves, and follow every later switch of language. */
export async function addCatalogue(catalogue: Catalogue): Promise<void> {
  if (!catalogues.includes(catalogue)) catalogues.push(catalogue)
  await load(currentLanguage())
}

export function currentLanguage(): Language {
  return i18n.global.locale.value as Language
}

export async function setLanguage(language: Language): Promise<void> {
  await load(language)
  i18n.global.locale.value = language
  document.documentElement.lang = language
}
