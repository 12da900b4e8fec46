import { useI18n } from 'vue-i18n'
import { computed } from 'vue'
import { roles, session } from '@/api/session'

/** The roles that whoever is signed in can give: none above their own. */
export function useRoles() {
  const { t } = useI18n()
  return computed(() => {
    const own = session.value?.role ? roles.indexOf(session.value.role) : -1
    return roles.slice(0, own + 1).map((value) => ({ value, label: t(`role.${value}.name`) }))
  })
}
