import { CircleHelp, Languages, LogOut, Moon, Plus, Search } from '@lucide/vue'
import { ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { signOut } from '@/api/auth'
import { may, session } from '@/api/session'
import { queryClient } from '@/api/queries'
import { useActions, type Action } from '@/app/actions/registry'
import { currentLanguage } from '@/app/i18n'
import { switchLanguage } from '@/app/i18n/preferred'
import { setTheme, shownTheme } from '@/app/theme'
import { describeError } from '@/ui/describeError'
import { toast } from '@/ui/toast'
import { places } from './places'

const appearance: Action[] = [
  {
    id: 'theme.switch',
    title: 'theme.switch',
    group: 'actions.look',
    icon: Moon,
    run: () => setTheme(shownTheme.value === 'dark' ? 'light' : 'dark'),
  },
  {
    id: 'language.switch',
    title: 'shell.otherLanguage',
    group: 'actions.look',
    icon: Languages,
    run: () => switchLanguage(currentLanguage() === 'ru' ? 'en' : 'ru'),
  },
]

/** What can be done on every page. */
export function useGlobalActions(): { palette: Ref<boolean>; sheet: Ref<boolean> } {
  const { t } = useI18n()
  const router = useRouter()
  const palette = ref(false)
  const sheet = ref(false)

  async function leave(): Promise<void> {
    await signOut().catch((error: unknown) => toast('error', describeError(error, t).detail))
    if (session.value) return
    queryClient.clear()
    await router.push('/sign-in')
  }

  useActions([
    ...places.map((place) => ({
      id: `go${place.to}`,
      title: place.title,
      group: 'actions.go',
      icon: place.icon,
      keys: place.keys,
      when: () => !place.needs || may(place.needs),
      run: () => void router.push(place.to),
    })),
    {
      id: 'workflow.new',
      title: 'workflows.new',
      group: 'actions.do',
      icon: Plus,
      keys: 'c',
      when: () => may('create_workflow'),
      run: () => void router.push('/workflows?new=blank'),
    },
    { id: 'palette.open', title: 'palette.open', group: 'actions.help', icon: Search, keys: 'mod+k', run: () => (palette.value = true) },
    { id: 'help.shortcuts', title: 'shell.shortcuts', group: 'actions.help', icon: CircleHelp, keys: '?', run: () => (sheet.value = true) },
    ...appearance,
    { id: 'session.signOut', title: 'auth.signOut', group: 'actions.do', icon: LogOut, run: () => void leave() },
  ])
  return { palette, sheet }
}
